using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;
using NSubstitute;

namespace GpuStack.Operator.Tests.Admission;

public sealed class AdmissionEndpointTests : IDisposable
{
    private readonly ModelInspector _inspector = new(Substitute.For<IKubernetesClient>(), new OperatorSettings { HuggingFaceEndpoint = new("http://127.0.0.1:1") }, TimeProvider.System);

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
    public async Task What_is_no_review_is_answered_with_400_and_why(string body, string why)
    {
        var (status, text) = await SendAsync(body);

        Assert.Equal(400, status);
        Assert.Contains(why, text, StringComparison.Ordinal);
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
    public async Task Another_kind_passes_unseen()
    {
        var review = Review("CREATE", ToJson(Wrong), null, "");
        review["request"]!["kind"]!["kind"] = "Other";

        Assert.True(JsonNode.Parse((await SendAsync(review.ToJsonString())).Text)!["response"]!["allowed"].AsBool());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":null}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"engine":{"type":"FromTheFuture"}}}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"engine":{"startupTimeout":"soon"}}}""")]
    public async Task An_object_that_cannot_be_read_passes_with_a_warning(string body)
    {
        var response = await AskAsync("CREATE", JsonNode.Parse(body)!.AsObject());

        Assert.True(response["allowed"].AsBool());
        Assert.Contains("so that it was not checked", Assert.Single(response["warnings"]!.AsArray()).AsText(), StringComparison.Ordinal);
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
            ["object"] = operation == "DELETE" ? null : wanted,
            ["oldObject"] = present,
        },
    };

    private async Task<(int Status, string Text)> SendAsync(string body, string method = "POST")
    {
        var endpoint = new AdmissionEndpoint(new AdmissionKnowledge(_inspector, _ => [], TimeProvider.System));
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await endpoint.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }
}
