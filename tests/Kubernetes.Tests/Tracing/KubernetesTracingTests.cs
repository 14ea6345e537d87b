using System.Diagnostics;
using GpuStack.Kubernetes.Tracing;

namespace GpuStack.Kubernetes.Tests.Tracing;

public sealed class KubernetesTracingTests
{
    [Fact]
    public void AFailure_IsMarked_WithItsType_AndNotMoreWordsThanAreRead()
    {
        using var activity = new Activity("step").Start();
        KubernetesTracing.Failed(activity, new InvalidOperationException(new string('x', 10_000)));

        Assert.Equal((ActivityStatusCode.Error, 512), (activity.Status, activity.StatusDescription?.Length));
        Assert.Equal("System.InvalidOperationException", activity.GetTagItem("error.type"));
        KubernetesTracing.Failed(null, new InvalidOperationException("nobody listens"));
    }
}
