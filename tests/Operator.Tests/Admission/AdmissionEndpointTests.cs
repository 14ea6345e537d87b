using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;
using NSubstitute;

namespace GpuStack.Operator.Tests.Admission;

public sealed class AdmissionEndpointTests : IDisposable
{
    private readonly ModelInspector _inspector = new(Substitute.For<IKubernetesClient>(), new OperatorSettings { HuggingFaceEndpoint = new("http://127.0.0.1:1") }, TimeProvider.System);
    private readonly LogLines _log = new();
    private readonly AdmissionEndpoint _endpoint;

    public AdmissionEndpointTests() => _endpoint = new AdmissionEndpoint(new AdmissionKnowledge(_inspector, _ => [], TimeProvider.System), _log);

    public void Dispose() => _inspector.Dispose();

    [Theory]
    [InlineData("", "it cannot be read as JSON")]
    [InlineData("[1", "it cannot be read as JSON")]
    [InlineData("null", "Expected an AdmissionReview of admission.k8s.io/v1.")]
    [InlineData("{}", "Expected an AdmissionReview of admission.k8s.io/v1.")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"a"}}""", "Expected an AdmissionReview of admission.k8s.io/v1.")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""", "has no request with a uid")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}""", "has no request with a uid")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":5}}""", "it cannot be read as JSON")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"Other","request":{"uid":"a"}}""", "Expected an AdmissionReview of admission.k8s.io/v1.")]
    public async Task What_is_no_review_is_answered_with_400_and_why(string body, string why)
    {
        var (status, text) = await SendAsync(body);

        Assert.Equal(400, status);
        Assert.Contains(why, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, 200)]
    [InlineData(129, 400)]
    public async Task A_uid_is_echoed_up_to_a_length(int length, int expected)
    {
        var review = Review("CREATE", ToJson(Wrong), null, "");
        review["request"]!["uid"] = new string('u', length);

        var (status, text) = await SendAsync(review.ToJsonString());

        Assert.Equal(expected, status);
        if (expected == 200)
        {
            var answer = JsonNode.Parse(text)!;
            Assert.Equal(("admission.k8s.io/v1", "AdmissionReview"), (answer["apiVersion"].AsText(), answer["kind"].AsText()));
            Assert.Equal(length, answer["response"]!["uid"].AsText()!.Length);
        }
    }

    [Fact]
    public async Task Nesting_without_end_is_no_review()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 10_000)) + string.Concat(Enumerable.Repeat("]", 10_000));

        Assert.Equal(400, (await SendAsync($$$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","object":{{{deep}}} } }""")).Status);
    }

    // Anybody may reach the port: as many bodies as fit into memory are read, and the others are passed over.
    [Fact]
    public async Task Bodies_that_do_not_come_take_room_that_small_ones_do_not_need()
    {
        var slow = Enumerable.Range(0, (int)(AdmissionEndpoint.AllReviews / AdmissionEndpoint.LargestReview)).Select(_ => new System.IO.Pipelines.Pipe()).ToList();
        var waiting = slow.ConvertAll(pipe => _endpoint.HandleAsync(Context(pipe.Reader.AsStream())));

        // One without a size, one whose size is not known to be true.
        Assert.Equal((503, "Too many reviews are read at once; ask again.\n"), await SendAsync(Review("CREATE", ToJson(Wrong), null, "").ToJsonString(), size: null));
        Assert.Equal(503, (await SendAsync("", size: long.MaxValue)).Status);
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        await slow[0].Writer.CompleteAsync();
        await waiting[0];
        Assert.Equal(200, (await SendAsync(Review("CREATE", ToJson(Wrong), null, "").ToJsonString(), size: null)).Status);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SendAsync(Review("DELETE", null, null, "").ToJsonString()))), answer => Assert.Equal(200, answer.Status));
        foreach (var pipe in slow)
            await pipe.Writer.CompleteAsync();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Only_posts_are_answered() => Assert.Equal(405, (await SendAsync("", "GET")).Status);

    [Fact]
    public async Task A_refusal_names_object_fields_and_remedies()
    {
        var response = await AskAsync("CREATE", Wrong);

        Assert.False(response["allowed"].AsBool());
        var status = response["status"]!;
        Assert.Equal((422, "Invalid", "Failure"), (status["code"].AsLong(), status["reason"].AsText(), status["status"].AsText()));
        Assert.StartsWith("spec.engine.args[0]: -ngl would contradict the plan", status["message"].AsText(), StringComparison.Ordinal);
        Assert.Equal(("small", "ModelDeployment", "inference.gpustack.io"), (status["details"]!["name"].AsText(), status["details"]!["kind"].AsText(), status["details"]!["group"].AsText()));
        Assert.Equal("spec.engine.args[0]", status["details"]!["causes"]![0]!["field"].AsText());
    }

    [Theory]
    [InlineData("DELETE", "", false)]
    [InlineData("CONNECT", "", false)]
    [InlineData("UPDATE", "status", false)]
    [InlineData("UPDATE", "scale", false)]
    [InlineData("UPDATE", "", false)]
    [InlineData("UPDATE", "", true)]
    [InlineData("CREATE", "", true)]
    [InlineData("", "", false)]
    [InlineData("PATCH", "", true)]
    public async Task What_is_no_changed_spec_passes_unseen(string operation, string subresource, bool deleting)
    {
        var body = ToJson(Wrong);
        // Only metadata differs, or the object goes.
        body["metadata"]!["finalizers"] = new JsonArray("x");
        if (deleting)
        {
            body["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
            body["spec"]!["replicas"] = 5;
        }

        var response = await AskAsync(operation, body, ToJson(Wrong), subresource);

        Assert.True(response["allowed"].AsBool());
        Assert.Null(response["warnings"]);
    }

    [Fact]
    public async Task A_change_of_the_spec_is_judged_whatever_else_changes()
    {
        var (wanted, present) = (ToJson(Wrong), ToJson(Inputs.Small()));
        wanted["metadata"]!["deletionTimestamp"] = null;

        Assert.False((await AskAsync("UPDATE", wanted, present))["allowed"].AsBool());
        // Of a subresource it is not the spec that is written.
        Assert.True((await AskAsync("UPDATE", wanted, present, "status"))["allowed"].AsBool());
        wanted["metadata"] = "spoilt";
        Assert.Contains("so that it was not checked", (await AskAsync("UPDATE", wanted, present))["warnings"]![0].AsText(), StringComparison.Ordinal);
    }

    // Nobody can tell what is changed, and a finalizer may wait.
    [Fact]
    public async Task An_update_without_the_object_as_it_was_passes_unseen()
    {
        var response = await AskAsync("UPDATE", ToJson(Wrong));

        Assert.Equal((true, null), (response["allowed"].AsBool(), response["warnings"]));
    }

    [Theory]
    [InlineData("""{"engine":{"type":"FromTheFuture"}}""")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task An_object_that_cannot_be_read_can_be_cleaned_up_and_mended(string? spec)
    {
        var present = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a", ["finalizers"] = new JsonArray("x") } };
        if (spec is not null)
            present["spec"] = JsonNode.Parse(spec);
        var wanted = present.DeepClone().AsObject();
        wanted["metadata"]!.AsObject().Remove("finalizers");

        Assert.Null((await AskAsync("UPDATE", wanted, present))["warnings"]);
        var response = await AskAsync("UPDATE", ToJson(Wrong), present);
        Assert.True(response["allowed"].AsBool());
        Assert.StartsWith("the operator cannot read what the object was before", Assert.Single(response["warnings"]!.AsArray()).AsText(), StringComparison.Ordinal);
    }

    // Also with failurePolicy Fail.
    [Fact]
    public async Task A_fault_of_the_operator_lets_the_object_pass_and_is_told_in_its_log_alone()
    {
        var faulty = new AdmissionEndpoint(new AdmissionKnowledge(_inspector, _ => throw new InvalidOperationException("inner words"), TimeProvider.System), _log);

        var (status, text) = await SendAsync(Review("CREATE", ToJson(Wrong), null, "").ToJsonString(), endpoint: faulty);

        Assert.Equal(200, status);
        var response = JsonNode.Parse(text)!["response"]!;
        Assert.True(response["allowed"].AsBool());
        Assert.Contains("failed to judge", Assert.Single(response["warnings"]!.AsArray()).AsText(), StringComparison.Ordinal);
        Assert.DoesNotContain("inner words", text, StringComparison.Ordinal);
        Assert.Contains("inner words", Assert.Single(_log.Of(1305)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_stands_anywhere_in_an_object_is_answered()
    {
        var whole = ToJson(Inputs.Small("""
            replicas: 2
            engine: {args: [a], env: [{name: A, value: b}], parallelism: {tensor: 1}, resources: {requests: {cpu: "1"}, limits: {cpu: "2"}}}
            placement: {leader: {nodeName: a}, gpuSelector: {vendors: [NVIDIA]}, nodeSelector: {a: b}, tolerations: [{key: a, operator: Exists}]}
            network: {nccl: {env: [{name: A, value: b}]}}
            cache: {persistentVolumeClaim: {size: 1Gi}}
            access: {service: {annotations: {a: b}}, apiKeySecretRef: {name: a}}
            podTemplate: {labels: {a: b}, securityContext: {runAsUser: 1}}
            """));
        // Nothing is asked of any hub.
        whole["spec"]!["model"] = JsonNode.Parse("""{"persistentVolumeClaim":{"claimName":"a","path":"m.gguf"},"profile":{"architecture":"llama"}}""");
        foreach (var path in Paths(whole, []).Where(path => path[0] is "metadata" or "spec").ToList())
        {
            foreach (var value in (string[])["null", "5", "\"x\"", "[null]", "{}"])
            {
                var spoilt = whole.DeepClone();
                var place = path[..^1].Aggregate(spoilt, (node, step) => step is int index ? node[index]! : node[(string)step]!);
                if (path[^1] is int last)
                    place[last] = JsonNode.Parse(value);
                else
                    place[(string)path[^1]] = JsonNode.Parse(value);

                Assert.NotNull((await AskAsync("CREATE", spoilt.AsObject()))["allowed"]);
                await AskAsync("UPDATE", spoilt.AsObject(), whole.DeepClone().AsObject());
                await AskAsync("UPDATE", whole.DeepClone().AsObject(), spoilt.AsObject());
            }
        }
    }

    [Fact]
    public async Task Another_kind_passes_unseen()
    {
        var review = Review("CREATE", ToJson(Wrong), null, "");
        review["request"]!["kind"]!["kind"] = "Other";

        Assert.True(JsonNode.Parse((await SendAsync(review.ToJsonString())).Text)!["response"]!["allowed"].AsBool());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a"}}""", "")]
    [InlineData("""{"metadata":{"name":"a"},"spec":null}""", "")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"engine":{"type":"FromTheFuture"}}}""", " at spec.engine.type")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"engine":{"startupTimeout":"soon"}}}""", " at spec.engine.startupTimeout")]
    public async Task An_object_that_cannot_be_read_passes_with_a_warning(string body, string where)
    {
        var response = await AskAsync("CREATE", JsonNode.Parse(body)!.AsObject());

        Assert.True(response["allowed"].AsBool());
        Assert.Equal($"the operator cannot read the object{where}, so that it was not checked", Assert.Single(response["warnings"]!.AsArray()).AsText());
    }

    [Fact]
    public async Task An_object_without_a_namespace_is_of_the_requests()
    {
        DeploymentKey? asked = null;
        var endpoint = new AdmissionEndpoint(
            new AdmissionKnowledge(
                _inspector,
                key =>
                {
                    asked = key;
                    return [];
                },
                TimeProvider.System),
            _log);
        var wanted = ToJson(Wrong);
        wanted["metadata"]!.AsObject().Remove("namespace");

        await SendAsync(Review("CREATE", wanted, null, "").ToJsonString(), endpoint: endpoint);

        Assert.Equal(new DeploymentKey("default", "small"), asked);
    }

    [Fact]
    public async Task Answers_are_bounded_whatever_is_asked()
    {
        var body = ToJson(Inputs.Small());
        body["metadata"]!["name"] = new string('n', 100_000);
        body["spec"]!["podTemplate"] = new JsonObject { ["labels"] = new JsonObject() };
        for (var i = 0; i < 1000; i++)
            body["spec"]!["podTemplate"]!["labels"]![$"{i}\n{new string('é', 5000)}"] = "x";
        body["spec"]!["placement"] = new JsonObject { ["tolerations"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(_ => new JsonObject { ["operator"] = "Exists" })]) };

        var (status, text) = await SendAsync(Review("CREATE", body, null, "").ToJsonString());

        Assert.Equal(200, status);
        var response = JsonNode.Parse(text)!["response"]!;
        Assert.InRange(response["status"]!["message"].AsText()!.Length, 1, 25_000);
        Assert.InRange(response["warnings"]!.AsArray().Count, 1, 16);
        Assert.True(response["warnings"]!.AsArray().Sum(warning => warning.AsText()!.Length) <= 4096);
        Assert.All(response["warnings"]!.AsArray(), warning => Assert.DoesNotContain(warning.AsText()!, char.IsControl));
        Assert.All(response["warnings"]!.AsArray(), warning => Assert.InRange(warning.AsText()!.Length, 1, 256));
        Assert.Matches("^and [0-9]+ more$", response["warnings"]!.AsArray()[^1].AsText());
        Assert.EndsWith(", and 980 more]", response["status"]!["message"].AsText(), StringComparison.Ordinal);
        Assert.Equal(20, response["status"]!["details"]!["causes"]!.AsArray().Count);
        Assert.Equal("small", (await AskAsync("CREATE", Wrong))["status"]!["details"]!["name"].AsText());
    }

    private static IEnumerable<object[]> Paths(JsonNode node, object[] above)
    {
        IEnumerable<(object Step, JsonNode? Node)> children = node switch
        {
            JsonObject some => some.Select(pair => ((object)pair.Key, pair.Value)),
            JsonArray list => list.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var (step, child) in children.ToList())
        {
            object[] path = [.. above, step];
            yield return path;
            if (child is null)
                continue;
            foreach (var below in Paths(child, path))
                yield return below;
        }
    }

    private static ModelDeployment Wrong => Inputs.Small("engine: {args: [-ngl, '9']}");

    private static JsonObject ToJson(ModelDeployment deployment) => JsonSerializer.SerializeToNode(deployment, EntitiesJsonContext.Default.ModelDeployment)!.AsObject();

    private Task<JsonNode> AskAsync(string operation, ModelDeployment wanted) => AskAsync(operation, ToJson(wanted));

    private async Task<JsonNode> AskAsync(string operation, JsonObject wanted, JsonObject? present = null, string subresource = "")
    {
        var (status, text) = await SendAsync(Review(operation, wanted, present, subresource).ToJsonString());
        Assert.Equal(200, status);
        var response = JsonNode.Parse(text)!["response"]!;
        Assert.Equal("the-uid", response["uid"].AsText());
        return response;
    }

    private static JsonObject Review(string operation, JsonObject? wanted, JsonObject? present, string subresource) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = "the-uid",
            ["kind"] = new JsonObject { ["group"] = "inference.gpustack.io", ["version"] = "v1alpha1", ["kind"] = "ModelDeployment" },
            ["subResource"] = subresource.Length > 0 ? subresource : null,
            ["operation"] = operation,
            ["namespace"] = "default",
            ["object"] = operation == "DELETE" ? null : wanted?.DeepClone(),
            ["oldObject"] = present?.DeepClone(),
        },
    };

    private async Task<(int Status, string Text)> SendAsync(string body, string method = "POST", long? size = 1000, AdmissionEndpoint? endpoint = null)
    {
        var context = Context(new MemoryStream(Encoding.UTF8.GetBytes(body)));
        context.Request.Method = method;
        context.Request.ContentLength = size;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await (endpoint ?? _endpoint).HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }

    private static DefaultHttpContext Context(Stream body) => new() { Request = { Method = "POST", Body = body } };
}
