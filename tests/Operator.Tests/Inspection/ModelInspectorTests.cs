using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Simulator.Hub;
using NSubstitute;

namespace GpuStack.Operator.Tests.Inspection;

public sealed class ModelInspectorTests : IAsyncLifetime
{
    private const string Llama = "gpustack/Llama-3.1-8B-Instruct-GGUF";
    private static readonly string Models = Path.Combine(Inputs.Root, "samples", "models");
    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();
    private ModelHubHost _hub = null!;
    private ModelInspector _inspector = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await ModelHubHost.StartAsync(
            new ModelHubOptions { Directory = Models, GatedRepositories = new Dictionary<string, string> { ["gpustack/DeepSeek-R1-GGUF"] = "right" } },
            Token);
        _inspector = Inspector(_hub.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _inspector.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData(Llama, null, "Q4_K_M")]
    [InlineData(Llama, "*F16*", "F16")]
    [InlineData(Llama, "Llama-3.1-8B-Instruct-F16.gguf", "F16")]
    [InlineData("gpustack/Llama-3.3-70B-Instruct-GGUF", "*Q6_K.gguf", "Q6_K")]
    [InlineData("gpustack/Qwen2.5-72B-Instruct-GGUF", null, "Q6_K")]
    public async Task A_model_is_chosen_in_its_repository_and_pinned_to_the_commit(string repository, string? file, string quantization)
    {
        InspectedModel model = await _inspector.InspectAsync(Deployment(repository, file), Token);

        Assert.True(model.Layers > 0);
        Assert.Equal(40, model.Revision.Length);
        Assert.EndsWith($"{repository}/resolve/{model.Revision}/{repository[9..^5]}-{quantization}.gguf", model.DownloadUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_question_is_asked_once_and_a_commit_never_again()
    {
        InspectedModel first = await _inspector.InspectAsync(Deployment(Llama, null), Token);
        long requests = _hub.RequestCount;
        await _inspector.InspectAsync(Deployment(Llama, null), Token);

        Assert.Equal(requests, _hub.RequestCount);
        Assert.Equal(first.DownloadUrl, (await _inspector.InspectAsync(Deployment(Llama, null, first.Revision), Token)).DownloadUrl);
    }

    [Fact]
    public async Task A_secret_of_the_deployments_namespace_opens_a_gated_repository_and_mirrors_do_not_see_it()
    {
        await using ModelHubHost mirror = await ModelHubHost.StartAsync(
            new ModelHubOptions { Directory = Models, GatedRepositories = new Dictionary<string, string> { ["gpustack/DeepSeek-R1-GGUF"] = "right" } }, Token);
        _client.GetAsync<V1Secret>("hub", "default", Arg.Any<CancellationToken>())
            .Returns(new V1Secret { Data = new Dictionary<string, byte[]> { ["token"] = "right\n"u8.ToArray() } });
        ModelDeployment deployment = Deployment("gpustack/DeepSeek-R1-GGUF", null);
        var refused = await Assert.ThrowsAsync<InspectionFailedException>(() => _inspector.InspectAsync(deployment, Token));
        Assert.Equal(ConditionReasons.AccessDenied, refused.Reason);

        // The mirror wants the token too, and does not get it: the model comes from the hub.
        deployment.Spec.Model.SecretRef = new ModelSecretReference { Name = "hub", Key = "token" };
        deployment.Spec.Model.Mirrors = [mirror.Url.AbsoluteUri];
        using ModelInspector inspector = Inspector(_hub.Url, mirror.Url);
        InspectedModel model = await inspector.InspectAsync(deployment, Token);

        Assert.StartsWith(_hub.Url.AbsoluteUri, model.DownloadUrl, StringComparison.Ordinal);
        Assert.True(mirror.RequestCount > 0);
        Assert.Equal(0, mirror.BytesServed);
    }

    [Fact]
    public async Task A_mirror_inside_of_the_network_is_passed_over_unless_the_settings_name_it()
    {
        await using ModelHubHost mirror = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Models }, Token);
        ModelDeployment deployment = Deployment(Llama, null);
        deployment.Spec.Model.Mirrors = [mirror.Url.AbsoluteUri];

        InspectedModel model = await _inspector.InspectAsync(deployment, Token);

        Assert.StartsWith(_hub.Url.AbsoluteUri, model.DownloadUrl, StringComparison.Ordinal);
        Assert.Equal(0, mirror.RequestCount);
        using ModelInspector trusting = Inspector(_hub.Url, mirror.Url);
        Assert.StartsWith(mirror.Url.AbsoluteUri, (await trusting.InspectAsync(deployment, Token)).DownloadUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_of_the_installation_is_asked_first_wherever_it_is()
    {
        await using ModelHubHost mirror = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Models }, Token);
        using var inspector = new ModelInspector(
            _client, new OperatorSettings { HuggingFaceEndpoint = _hub.Url, ModelMirrors = [mirror.Url] }, TimeProvider.System);

        InspectedModel model = await inspector.InspectAsync(Deployment(Llama, null), Token);

        Assert.StartsWith(mirror.Url.AbsoluteUri, model.DownloadUrl, StringComparison.Ordinal);
        Assert.Equal(0, _hub.RequestCount);
    }

    [Theory]
    [InlineData(Llama, "*Q2_K*", ConditionReasons.ModelInvalid, "name one of: Llama-3.1-8B-Instruct-F16.gguf, Llama-3.1-8B-Instruct-Q4_K_M.gguf")]
    [InlineData(Llama, "absent.gguf", ConditionReasons.ModelNotFound, "absent.gguf")]
    [InlineData(Llama, "config.json", ConditionReasons.ModelInvalid, "ends in .gguf")]
    [InlineData("gpustack/Absent-GGUF", null, ConditionReasons.AccessDenied, "check the name")]
    public async Task What_is_not_there_is_said(string repository, string? file, string reason, string expected)
    {
        var failure = await Assert.ThrowsAsync<InspectionFailedException>(() => _inspector.InspectAsync(Deployment(repository, file), Token));

        Assert.Equal(reason, failure.Reason);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_into_the_network_is_refused()
    {
        var deployment = Deployment(Llama, null);
        deployment.Spec.Model = new ModelSourceSpec { Url = new UrlSource { Url = new Uri(_hub.Url, $"{Llama}/resolve/main/m.gguf").AbsoluteUri } };
        using ModelInspector inspector = Inspector(new Uri("https://hub.example.com"));

        var failure = await Assert.ThrowsAsync<InspectionFailedException>(() => inspector.InspectAsync(deployment, Token));

        Assert.Equal(ConditionReasons.AddressForbidden, failure.Reason);
        Assert.Equal(0, _hub.RequestCount);
    }

    private static ModelDeployment Deployment(string repository, string? file, string revision = "main") => new()
    {
        Metadata = new V1ObjectMeta { Name = "m", Namespace = "default" },
        Spec = new ModelDeploymentSpec { Engine = new EngineSpec { Type = EngineType.LlamaCpp }, Model = new ModelSourceSpec { HuggingFace = new HuggingFaceSource { Repository = repository, File = file, Revision = revision } } },
    };

    private ModelInspector Inspector(Uri hub, params Uri[] trusted) =>
        new(_client, new OperatorSettings { HuggingFaceEndpoint = hub, TrustedEndpoints = [.. trusted] }, TimeProvider.System);
}
