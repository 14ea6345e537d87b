using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;
using NSubstitute;

namespace GpuStack.Operator.Tests.Controllers;

public class ImageVolumesTests
{
    private static readonly ApplyOptions Options = new("test");

    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();

    [Fact]
    public async Task A_volume_that_survives_the_dry_run_is_fine()
    {
        Answers(set => set);

        await CheckAsync(Set(new V1Volume { Name = "source", Image = new V1ImageVolumeSource { Reference = "r/m:1" } }));

        await _client.Received(1).ApplyAsync(Arg.Any<V1StatefulSet>(), Arg.Is<ApplyOptions>(options => options.DryRun), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_volume_that_the_server_drops_is_said_with_a_remedy()
    {
        Answers(_ => Set(new V1Volume { Name = "source" }));

        var failure = await Assert.ThrowsAsync<FeatureUnavailableException>(() =>
            CheckAsync(Set(new V1Volume { Name = "source", Image = new V1ImageVolumeSource { Reference = "r/m:1" } })));

        Assert.Contains("ImageVolume", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_finds_the_rest_of_the_volume_invalid_is_understood()
    {
        _client.ApplyAsync(Arg.Any<V1StatefulSet>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>()).Returns<V1StatefulSet>(_ => throw new KubernetesException(
            new V1Status { Code = 422, Reason = "Invalid", Message = "spec.template.spec.volumes[4]: Required value: must specify a volume type" }));

        await Assert.ThrowsAsync<FeatureUnavailableException>(() =>
            CheckAsync(Set(new V1Volume { Name = "source", Image = new V1ImageVolumeSource { Reference = "r/m:1" } })));
    }

    [Fact]
    public async Task A_field_that_cannot_be_changed_is_left_to_the_apply_which_makes_the_set_anew()
    {
        _client.ApplyAsync(Arg.Any<V1StatefulSet>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>()).Returns<V1StatefulSet>(_ => throw new KubernetesException(
            new V1Status
            {
                Code = 422,
                Reason = "Invalid",
                Message = "StatefulSet.apps \"m-0\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                    + "'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
            }));

        var failure = await Assert.ThrowsAsync<KubernetesException>(() =>
            CheckAsync(Set(new V1Volume { Name = "source", Image = new V1ImageVolumeSource { Reference = "r/m:1" } })));

        Assert.True(failure.IsInvalid);
    }

    [Fact]
    public async Task Nothing_is_asked_about_other_volumes()
    {
        await CheckAsync(Set(new V1Volume { Name = "home", EmptyDir = new V1EmptyDirVolumeSource() }));

        Assert.Empty(_client.ReceivedCalls());
    }

    private Task CheckAsync(V1StatefulSet set) => ImageVolumes.CheckAsync(_client, set, Options, TestContext.Current.CancellationToken);

    private void Answers(Func<V1StatefulSet, V1StatefulSet> answer) => _client
        .ApplyAsync(Arg.Any<V1StatefulSet>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>())
        .Returns(call => answer(call.Arg<V1StatefulSet>()));

    private static V1StatefulSet Set(V1Volume volume) => new()
    {
        Metadata = new V1ObjectMeta { Name = "m-0", Namespace = "default" },
        Spec = new V1StatefulSetSpec { Template = new V1PodTemplateSpec { Spec = new V1PodSpec { Volumes = [volume] } } },
    };
}
