using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Tests.Status;

public class PodObservationTests
{
    [Fact]
    public void A_pod_that_no_node_takes_says_so_in_the_schedulers_words()
    {
        var since = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var seen = PodObservation.Of(Pod(new V1PodStatus
        {
            Phase = "Pending",
            Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available", LastTransitionTime = since }],
        }));

        Assert.Equal(("PodUnschedulable", since), (seen.Reason, seen.UnschedulableSince));
        Assert.Equal("pod p-0 cannot be scheduled: 0/3 nodes are available", seen.Message);
    }

    [Theory]
    [InlineData("ImagePullBackOff", "Back-off pulling image \"x\"")]
    [InlineData("CreateContainerConfigError", "secret \"keys\" not found")]
    public void A_container_that_waits_in_trouble_says_so_in_the_kubelets_words(string reason, string message)
    {
        var seen = PodObservation.Of(Pod(new V1PodStatus
        {
            Phase = "Pending",
            ContainerStatuses = [new V1ContainerStatus { Name = "engine", State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } } }],
        }));

        Assert.Equal(reason, seen.Reason);
        Assert.Equal($"pod p-0, container engine: {reason}: {message}", seen.Message);
    }

    [Fact]
    public void A_crash_loop_shows_the_engines_last_words()
    {
        var seen = PodObservation.Of(Pod(new V1PodStatus
        {
            Phase = "Running",
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "engine",
                    RestartCount = 4,
                    State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "CrashLoopBackOff", Message = "back-off 40s" } },
                    LastState = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 134, Message = "Failed to connect to w:50052\n" } },
                },
            ],
        }));

        Assert.Equal(4, seen.Restarts);
        Assert.Equal("pod p-0, container engine: CrashLoopBackOff: back-off 40s (last exit code 134: Failed to connect to w:50052)", seen.Message);
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_not_Ready_whatever_it_says()
    {
        var pod = Pod(new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }] });
        pod.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;

        Assert.False(PodObservation.Of(pod).Ready);
    }

    private static V1Pod Pod(V1PodStatus status) => new() { Metadata = new V1ObjectMeta { Name = "p-0" }, Spec = new V1PodSpec(), Status = status };
}
