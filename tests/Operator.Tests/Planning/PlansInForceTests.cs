using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class PlansInForceTests
{
    /// <summary>ConfigMaps may be written by others: one that is not a plan must not keep the operator from the others.</summary>
    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"inputHash":"a","sourceKey":"b","options":null,"model":null,"plan":null}""")]
    [InlineData("""{"inputHash":"a","sourceKey":"b","options":{},"model":{},"plan":{"index":0,"leader":null,"layersPerDevice":[],"gpuLayers":1,"estimate":null,"hash":"c"}}""")]
    [InlineData("""{"inputHash":"a","sourceKey":"b","options":{"contextLength":-1},"model":{},"plan":{}}""")]
    public void What_is_no_plan_is_told_and_left_out(string content)
    {
        var told = new List<string>();

        var plans = PlansInForce.Of("uid", [Map(content)], [], (map, exception) => told.Add($"{map.Metadata.Name}: {exception.Message}"));

        Assert.Empty(plans);
        Assert.StartsWith("small-0: ", Assert.Single(told), StringComparison.Ordinal);
    }

    private static V1ConfigMap Map(string content) => new()
    {
        Metadata = new V1ObjectMeta { Name = "small-0", OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ModelDeployment", Name = "small", Uid = "uid" }] },
        Data = new() { [PlannedGroup.FileName] = content },
    };
}
