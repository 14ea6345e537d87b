using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Models;

public class OwnerReferencesTests
{
    private readonly V1StatefulSet _owner = new() { Metadata = { Name = "o", Namespace = "ns", Uid = "1" } };

    [Fact]
    public void SetController_Twice_KeepsOneReference()
    {
        var child = new V1Pod { Metadata = { Name = "c", Namespace = "ns" } };
        OwnerReferences.SetController(child, _owner);
        OwnerReferences.SetController(child, _owner);

        Assert.Single(child.Metadata.OwnerReferences!);
        Assert.Equal(new EntityKey("ns", "o"), OwnerReferences.ControllerKey<V1StatefulSet>(child));
        Assert.Null(OwnerReferences.ControllerKey<V1ConfigMap>(child));
    }

    [Fact]
    public void SetController_ByClusterScopedOwner_IsAllowed()
    {
        var child = new V1Pod { Metadata = { Name = "c", Namespace = "ns" } };
        OwnerReferences.SetController(child, new V1Node { Metadata = { Name = "n", Uid = "3" } });

        Assert.Equal(new EntityKey(null, "n"), OwnerReferences.ControllerKey<V1Node>(child));
    }
}
