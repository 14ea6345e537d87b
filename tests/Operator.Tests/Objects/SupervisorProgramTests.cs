using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Objects;

public class SupervisorProgramTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(6, 1, 3)]
    [InlineData(10, 1, 6)]
    [InlineData(30, 5, 20)]
    [InlineData(86_400, 5, 86_390)]
    public async Task Of_any_grace_the_engine_has_the_largest_part(long grace, long drain, long stop)
    {
        var deployment = Inputs.Small($"podTemplate: {{terminationGracePeriodSeconds: {grace}}}");

        var set = GroupObjects.Build(deployment, await Views.GroupAsync(), new OperatorSettings()).OfType<V1StatefulSet>().Single();

        var arguments = set.Spec!.Template!.Spec!.Containers![0].Args!;
        Assert.Equal($"{drain}s", arguments[arguments.IndexOf("--drain") + 1]);
        Assert.Equal($"{stop}s", arguments[arguments.IndexOf("--stop-timeout") + 1]);
    }
}
