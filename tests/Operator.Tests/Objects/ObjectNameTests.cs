using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Tests.Objects;

public class ObjectNameTests
{
    [Fact]
    public void The_longest_deployment_name_is_never_cut()
    {
        var deployment = new string('a', 40);

        Assert.Equal($"{deployment}-999", ObjectName.Leader(deployment, 999));
        Assert.Equal($"{deployment}-999-w999", ObjectName.Workers(deployment, 999, 999));
    }

    [Fact]
    public void A_long_name_is_cut_to_its_limit_and_keeps_its_own_hash()
    {
        var one = ObjectName.Leader(new string('a', 60) + "1", 0);
        var two = ObjectName.Leader(new string('a', 60) + "2", 0);

        Assert.Equal(52, one.Length);
        Assert.NotEqual(one, two);
        Assert.Equal(one, ObjectName.Leader(new string('a', 60) + "1", 0));
    }
}
