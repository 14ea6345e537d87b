using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Objects;
using NSubstitute;

namespace GpuStack.Operator.Tests.Controllers;

public class ChildWriterTests
{
    private const string Name = "m-0";

    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();

    /// <summary>The versions that children were applied with, dry runs apart.</summary>
    private readonly List<string?> _versions = [];

    private readonly List<string?> _dryVersions = [];

    [Fact]
    public async Task A_child_that_nobody_has_is_created_without_a_look()
    {
        Answers(Accept);
        var child = Service();

        var applied = await ApplyAsync(child);

        Assert.Same(child, Assert.Single(applied));
        Assert.Equal(["1"], _versions);
        Assert.Null(child.Metadata.ResourceVersion);
        await _client.DidNotReceive().GetAsync<V1Service>(Arg.Any<string>(), Arg.Any<string?>(), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_child_that_the_informers_know_is_applied_without_a_version()
    {
        Answers(Accept);
        var child = Service();

        await ApplyAsync(child, Service(Owner("uid-of-m")));

        Assert.Equal([null], _versions);
        Assert.Single(_client.ReceivedCalls());
    }

    [Fact]
    public async Task A_child_of_ours_that_the_informers_have_not_seen_is_applied_as_it_stands()
    {
        Answers(OnlyWithoutVersion(Status(409, "Conflict", "the object has been modified")));
        Has(Service(Owner("uid-of-m")));
        var child = Service();

        await ApplyAsync(child);

        Assert.Equal(["1", null], _versions);
        Assert.Null(child.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task An_object_that_came_at_the_same_moment_is_asked_for_as_well()
    {
        Answers(OnlyWithoutVersion(Status(409, "AlreadyExists", "services \"m-0\" already exists")));
        Has(Service(Owner("uid-of-m")));

        await ApplyAsync(Service());

        Assert.Equal(["1", null], _versions);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("uid-of-another")]
    public async Task A_strangers_object_is_left_alone(string? owner)
    {
        Answers(OnlyWithoutVersion(Status(409, "Conflict", "the object has been modified")));
        Has(Service(owner is null ? [] : [new V1OwnerReference { Kind = "Deployment", Name = "m", Uid = owner }]));
        var child = Service();

        await Assert.ThrowsAsync<NameConflictException>(() => ApplyAsync(child));

        Assert.Equal(["1"], _versions);
        Assert.Null(child.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task What_a_namesake_left_over_is_waited_for()
    {
        Answers(OnlyWithoutVersion(Status(409, "Conflict", "the object has been modified")));
        Has(Service(Owner("uid-of-a-former-m")));

        await Assert.ThrowsAsync<LeftoverException>(() => ApplyAsync(Service()));

        Assert.Equal(["1"], _versions);
    }

    [Fact]
    public async Task A_server_that_creates_nothing_with_a_version_gets_it_without()
    {
        Answers(OnlyWithoutVersion(Status(500, "InternalError", "Internal error occurred: resourceVersion should not be set on objects to be created")));
        _client.GetAsync<V1Service>(Name, "default", Arg.Any<CancellationToken>()).Returns((V1Service?)null);

        await ApplyAsync(Service());

        Assert.Equal(["1", null], _versions);
    }

    [Theory]
    [InlineData(403, "Forbidden", "exceeded quota: services")]
    [InlineData(403, "Forbidden", "unable to create new content in namespace default because it is being terminated")]
    [InlineData(422, "Invalid", "spec.ports: Required value")]
    public async Task Other_refusals_are_told(int code, string reason, string message)
    {
        Answers(OnlyWithoutVersion(Status(code, reason, message)));
        var child = Service();

        await Assert.ThrowsAsync<KubernetesException>(() => ApplyAsync(child));

        Assert.Equal(["1"], _versions);
        Assert.Null(child.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_claim_that_outlived_its_deployment_is_taken_up_again()
    {
        _client.ApplyAsync(Arg.Any<V1PersistentVolumeClaim>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var claim = call.Arg<V1PersistentVolumeClaim>();
            OnlyWithoutVersion(Status(409, "Conflict", "the object has been modified"))(claim.Metadata.ResourceVersion);
            return claim;
        });
        _client.GetAsync<V1PersistentVolumeClaim>(Name, "default", Arg.Any<CancellationToken>())
            .Returns(new V1PersistentVolumeClaim { Metadata = Metadata([]) });

        await ApplyAsync(new V1PersistentVolumeClaim { Metadata = Metadata(Owner("uid-of-m")) });

        Assert.Equal(["1", null], _versions);
    }

    [Fact]
    public async Task A_set_with_a_volume_of_an_image_is_tried_with_the_same_version()
    {
        AnswersToSets(_ => { });

        await ApplyAsync(Set());

        Assert.Equal(["1"], _dryVersions);
        Assert.Equal(["1"], _versions);
    }

    [Fact]
    public async Task A_set_of_ours_that_cannot_be_changed_is_made_anew_although_the_informers_have_not_seen_it()
    {
        AnswersToSets(version => throw (version is null ? Status(422, "Invalid", "spec: Forbidden: updates to statefulset spec") : Status(409, "Conflict", "modified")));
        _client.GetAsync<V1StatefulSet>(Name, "default", Arg.Any<CancellationToken>()).Returns(Set("uid-of-set"));

        await ApplyAsync(Set());

        await _client.Received(1).DeleteAsync<V1StatefulSet>(
            Name, "default", Arg.Is<DeleteOptions?>(options => options!.Preconditions!.Uid == "uid-of-set"), Arg.Any<CancellationToken>());
    }

    /// <summary>Groups that were made when the installation had authorities still mount them.</summary>
    [Fact]
    public async Task Authorities_stay_when_the_installation_has_none_any_more()
    {
        V1ConfigMap Map(string name) => new() { Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = name, Namespace = "default", Uid = name, OwnerReferences = Owner("uid-of-m") } };

        await new ChildWriter(_client, new KubernetesJson()).PruneAsync(
            new ModelDeployment { Metadata = new V1ObjectMeta { Name = "m", Namespace = "default", Uid = "uid-of-m" } },
            [], [Map("m-ca"), Map("m-0-plan-1234")], TestContext.Current.CancellationToken);

        await _client.Received(1).DeleteAsync<V1ConfigMap>("m-0-plan-1234", "default", Arg.Any<DeleteOptions?>(), Arg.Any<CancellationToken>());
        Assert.Single(_client.ReceivedCalls());
    }

    private Task<IReadOnlyList<IKubernetesObject>> ApplyAsync(IKubernetesObject child, params IKubernetesObject[] present) =>
        new ChildWriter(_client, new KubernetesJson()).ApplyAsync(
            new ModelDeployment { Metadata = new V1ObjectMeta { Name = "m", Namespace = "default", Uid = "uid-of-m" } },
            [child], present, TestContext.Current.CancellationToken);

    private void Answers(Action<string?> judge) => _client
        .ApplyAsync(Arg.Any<V1Service>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>())
        .Returns(call =>
        {
            judge(call.Arg<V1Service>().Metadata.ResourceVersion);
            return call.Arg<V1Service>();
        });

    private void AnswersToSets(Action<string?> judge) => _client
        .ApplyAsync(Arg.Any<V1StatefulSet>(), Arg.Any<ApplyOptions>(), Arg.Any<CancellationToken>())
        .Returns(call =>
        {
            var set = call.Arg<V1StatefulSet>();
            (call.Arg<ApplyOptions>().DryRun ? _dryVersions : _versions).Add(set.Metadata.ResourceVersion);
            judge(set.Metadata.ResourceVersion);
            return set;
        });

    private void Accept(string? version) => _versions.Add(version);

    private Action<string?> OnlyWithoutVersion(KubernetesException refusal) => version =>
    {
        _versions.Add(version);
        if (version is not null)
            throw refusal;
    };

    private void Has(V1Service service) => _client.GetAsync<V1Service>(Name, "default", Arg.Any<CancellationToken>()).Returns(service);

    private static KubernetesException Status(int code, string reason, string message) => new(new V1Status { Code = code, Reason = reason, Message = message });

    private static List<V1OwnerReference> Owner(string uid) => [new V1OwnerReference { ApiVersion = "inference.gpustack.io/v1alpha1", Kind = "ModelDeployment", Name = "m", Uid = uid }];

    private static V1Service Service(List<V1OwnerReference>? owners = null) => new() { Metadata = Metadata(owners ?? Owner("uid-of-m")) };

    private static V1StatefulSet Set(string? uid = null)
    {
        var metadata = Metadata(Owner("uid-of-m"));
        metadata.Uid = uid;
        return new V1StatefulSet
        {
            Metadata = metadata,
            Spec = new V1StatefulSetSpec
            {
                Template = new V1PodTemplateSpec
                {
                    Spec = new V1PodSpec { Volumes = [new V1Volume { Name = "source", Image = new V1ImageVolumeSource { Reference = "r/m:1" } }] },
                },
            },
        };
    }

    private static V1ObjectMeta Metadata(List<V1OwnerReference> owners) => new()
    {
        Name = Name,
        Namespace = "default",
        Labels = new(StringComparer.Ordinal) { [GroupLabels.Deployment] = "m" },
        OwnerReferences = owners,
    };
}
