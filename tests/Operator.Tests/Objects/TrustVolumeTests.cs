using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Sources;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.Objects;

public sealed class TrustVolumeTests : IDisposable
{
    private readonly TestAuthority _company = new("company");

    private OperatorSettings Trusting => new() { Authorities = TrustedAuthorities.Parse(_company.Pem) };

    public void Dispose() => _company.Dispose();

    [Fact]
    public async Task The_container_that_fetches_trusts_the_installations_authorities()
    {
        var deployment = Inputs.Small();
        var map = Assert.Single(DeploymentObjects.Build(deployment, Trusting).OfType<V1ConfigMap>());
        var pod = (await LeaderAsync(deployment, Trusting)).Spec!.Template!.Spec!;
        var fetch = Assert.Single(pod.InitContainers!, container => container.Name == "fetch");
        var mount = Assert.Single(fetch.VolumeMounts!, mount => mount.Name == "trust");

        Assert.Equal("small-ca", map.Metadata.Name);
        Assert.Equal(deployment.Metadata.Uid, Assert.Single(map.Metadata.OwnerReferences!).Uid);
        Assert.Equal($"{_company.Pem}\n", map.Data!["ca.crt"]);
        Assert.Equal("small-ca", Assert.Single(pod.Volumes!, volume => volume.Name == "trust").ConfigMap!.Name);
        Assert.Equal($"{mount.MountPath}/ca.crt", fetch.Args![fetch.Args.IndexOf("--ca-file") + 1]);
        Assert.DoesNotContain(pod.Containers!, container => container.VolumeMounts!.Exists(one => one.Name == "trust"));
    }

    /// <summary>The hash decides whether a StatefulSet is applied and its pods are replaced.</summary>
    [Fact]
    public async Task Authorities_that_come_change_or_go_restart_nothing()
    {
        var deployment = Inputs.Small();
        using var next = new TestAuthority("next");
        var hashes = new List<string>();
        foreach (var settings in (OperatorSettings[])[new(), Trusting, new() { Authorities = TrustedAuthorities.Parse(next.Pem) }, new() { ModelMirrors = [new("https://m.example.com")] }])
            hashes.Add((await LeaderAsync(deployment, settings)).Spec!.Template!.Metadata!.Annotations![GroupLabels.TemplateHash]);

        Assert.Single(hashes.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_model_on_a_volume_needs_none()
    {
        var deployment = Inputs.Small();
        deployment.Spec.Model = new ModelSourceSpec { PersistentVolumeClaim = new ModelClaimSource { ClaimName = "models", Path = "m.gguf" } };

        Assert.Empty(DeploymentObjects.Build(deployment, Trusting).OfType<V1ConfigMap>());
        Assert.DoesNotContain((await LeaderAsync(deployment, Trusting)).Spec!.Template!.Spec!.Volumes!, volume => volume.Name == "trust");
    }

    [Fact]
    public async Task Mirrors_of_the_installation_come_after_the_deployments_own()
    {
        var deployment = Inputs.Small();
        deployment.Spec.Model.Mirrors = ["https://own.example.com", "https://both.example.com"];
        var settings = new OperatorSettings { ModelMirrors = [new("https://both.example.com"), new("https://installation.example.com")] };
        var arguments = (await LeaderAsync(deployment, settings)).Spec!.Template!.Spec!.InitContainers!.Single(container => container.Name == "fetch").Args!;

        Assert.Equal(
            ["https://own.example.com/", "https://both.example.com/", "https://installation.example.com/"],
            arguments.Where((_, index) => index > 0 && arguments[index - 1] == "--mirror"));
    }

    [Fact]
    public void Caches_keep_plans_and_no_certificates()
    {
        var certificates = new V1ConfigMap { Data = new() { ["ca.crt"] = "…" } };
        var plan = new V1ConfigMap { Data = new() { ["plan.json"] = "{}" } };

        CacheTrim.Child(certificates);
        CacheTrim.Child(plan);

        Assert.Null(certificates.Data);
        Assert.NotNull(plan.Data);
    }

    private static async Task<V1StatefulSet> LeaderAsync(ModelDeployment deployment, OperatorSettings settings) =>
        GroupObjects.Build(deployment, await Views.GroupAsync(), settings).OfType<V1StatefulSet>().Single();
}
