using System.Net;
using System.Net.Sockets;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Simulator.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace GpuStack.Operator.Tests.Admission;

public sealed class AdmissionKnowledgeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new();
    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();
    private readonly List<V1PersistentVolumeClaim> _claims = [];
    private ModelHubHost _hub = null!;
    private ModelInspector _inspector = null!;
    private AdmissionKnowledge _knowledge = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Path.Combine(Inputs.Root, "samples", "models") }, Token);
        _inspector = new ModelInspector(_client, new OperatorSettings { HuggingFaceEndpoint = _hub.Url }, TimeProvider.System);
        _knowledge = new AdmissionKnowledge(_inspector, _ => _claims, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _inspector.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData(null, 1000)]
    [InlineData(5000, 1000)]
    [InlineData(1000, 500)]
    [InlineData(0, 1000)]
    [InlineData(-2, 1000)]
    public void A_model_is_waited_for_half_the_time_that_the_API_server_waits_and_a_second_at_most(int? timeout, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), AdmissionKnowledge.PatienceWithin(timeout is { } given ? TimeSpan.FromMilliseconds(given) : null));

    [Fact]
    public async Task What_the_models_header_says_is_known()
    {
        var facts = await _knowledge.FindAsync(Inputs.Small(), null, Patience, Token);

        Assert.Equal(131072, facts.ModelContext);
        Assert.InRange(facts.ModelBytes!.Value, 1L << 30, 2L << 30);
    }

    // Whoever reaches the port may ask: neither a Secret's existence nor its token is given to anybody.
    [Fact]
    public async Task No_Secret_is_read_for_whoever_asks()
    {
        var facts = await _knowledge.FindAsync(Inputs.Deployment("""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: small, namespace: victim}
            spec:
              model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}, secretRef: {name: hub}, profile: {contextLength: 77}}
            """), null, Patience, Token);

        Assert.Empty(_client.ReceivedCalls());
        // What everybody may read is known nevertheless, and the profile counts.
        Assert.Equal(77, facts.ModelContext);
    }

    [Fact]
    public async Task Without_the_token_the_mirrors_are_asked_as_ever()
    {
        using var inspector = new ModelInspector(_client, new OperatorSettings { HuggingFaceEndpoint = new("http://127.0.0.1:1"), TrustedEndpoints = [_hub.Url] }, TimeProvider.System);
        var knowledge = new AdmissionKnowledge(inspector, _ => [], _time);
        var wanted = Inputs.Small();
        wanted.Spec.Model.SecretRef = new() { Name = "hub" };
        wanted.Spec.Model.Mirrors = ["http://127.0.0.1:2", _hub.Url.AbsoluteUri];

        Assert.Equal(131072, (await knowledge.FindAsync(wanted, null, Timeout.InfiniteTimeSpan, Token)).ModelContext);
        // Those of the deployment come first.
        Assert.NotNull(wanted.Spec.Model.SecretRef);
    }

    [Fact]
    public async Task What_the_status_says_of_the_same_source_is_not_read_again()
    {
        var present = Inputs.Small();
        present.Status = new ModelDeploymentStatus { Model = new ModelStatus { ContextLength = 5, Size = "7" } };

        var facts = await _knowledge.FindAsync(Inputs.Small("replicas: 2"), present, Patience, Token);

        Assert.Equal((5, 7, 0), (facts.ModelContext, facts.ModelBytes, _hub.RequestCount));
        present.Status.Model.ContextLength = null;
        Assert.Equal(131072, (await _knowledge.FindAsync(Inputs.Small("replicas: 2"), present, Patience, Token)).ModelContext);
        present.Status.Model.ContextLength = 5;
        var other = await _knowledge.FindAsync(Inputs.Small(file: "gpustack/Llama-3.1-8B-Instruct-GGUF/Llama-3.1-8B-Instruct-Q4_K_M.gguf"), present, Patience, Token);
        Assert.Equal(131072, other.ModelContext);
    }

    [Fact]
    public async Task A_claim_that_goes_or_is_of_another_deployment_is_none()
    {
        V1PersistentVolumeClaim Claim(string name, string namespaceName, bool goes) =>
            new() { Metadata = new V1ObjectMeta { Name = name, Namespace = namespaceName, DeletionTimestamp = goes ? _time.GetUtcNow() : null } };
        _claims.AddRange([Claim("small-cache", "default", true), Claim("small-cache", "other", false), Claim("small-model", "default", false)]);

        Assert.Null((await _knowledge.FindAsync(Inputs.Small(), null, Patience, Token)).CacheClaim);
        _claims.Add(Claim("small-cache", "default", false));
        Assert.Same(_claims[3], (await _knowledge.FindAsync(Inputs.Small(), null, Patience, Token)).CacheClaim);
    }

    [Fact]
    public async Task A_hub_that_is_silent_is_waited_for_no_longer_and_by_few()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var inspector = Silent(silent, TimeSpan.FromSeconds(60));
        var knowledge = new AdmissionKnowledge(inspector, _ => [], _time);

        var waiting = Enumerable.Range(0, 4).Select(i => knowledge.FindAsync(Inputs.Small(file: $"a/b-GGUF/{i}.gguf"), null, Patience, Token)).ToList();
        // A fifth is not even asked for.
        Assert.Null((await knowledge.FindAsync(Inputs.Small(file: "a/b-GGUF/5.gguf"), null, Patience, Token)).ModelContext);
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        _time.Advance(Patience - TimeSpan.FromMilliseconds(1));
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.All(await Task.WhenAll(waiting), facts => Assert.Null(facts.ModelContext));
    }

    [Fact]
    public async Task Who_found_no_place_keeps_none()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var inspector = Silent(silent, TimeSpan.FromMilliseconds(100));
        var knowledge = new AdmissionKnowledge(inspector, _ => [], _time);
        var next = 0;
        Task<AdmissionFacts> Ask() => knowledge.FindAsync(Inputs.Small(file: $"a/b-GGUF/{next++}.gguf"), null, Timeout.InfiniteTimeSpan, Token);
        var waiting = Enumerable.Range(0, 4).Select(_ => Ask()).ToList();
        for (var i = 0; i < 10; i++)
            await Ask();

        await Task.WhenAll(waiting);

        // Each ends by its deadline and gives its place back; whoever asks then waits again.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (Ask().IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }

    [Fact]
    public async Task The_endpoint_waits_by_what_the_API_server_says()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var inspector = Silent(silent, TimeSpan.FromSeconds(60));
        var endpoint = new AdmissionEndpoint(new AdmissionKnowledge(inspector, _ => [], _time), new LogLines());
        var body = """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","operation":"CREATE",
             "object":{"metadata":{"name":"a"},"spec":{"model":{"huggingFace":{"repository":"a/b-GGUF","file":"c.gguf"} } } } } }
            """u8.ToArray();
        var context = new DefaultHttpContext { Request = { Method = "POST", Body = new MemoryStream(body), QueryString = new QueryString("?timeout=200ms") }, Response = { Body = new MemoryStream() } };

        // All of it is synchronous until it waits.
        var answering = endpoint.HandleAsync(context);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(answering.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await answering.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.Equal((200, "application/json"), (context.Response.StatusCode, context.Response.ContentType));
    }

    [Fact]
    public async Task A_failure_gives_its_place_back()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null((await _knowledge.FindAsync(Inputs.Small(file: $"a/b-GGUF/{i}.gguf"), null, Timeout.InfiniteTimeSpan, Token)).ModelContext);

        Assert.Equal(131072, (await _knowledge.FindAsync(Inputs.Small(), null, Timeout.InfiniteTimeSpan, Token)).ModelContext);
    }

    private ModelInspector Silent(TcpListener listener, TimeSpan deadline) => new(
        _client,
        new OperatorSettings { HuggingFaceEndpoint = new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), InspectionTimeout = deadline },
        TimeProvider.System);
}
