using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Simulator.ApiServer.Patching;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

/// <summary>The ModelDeployment definition of config/crd: each rule and each default of its schema is at work in the server.</summary>
public sealed class DefinitionRules
{
    private const string Deployments = "/apis/inference.gpustack.io/v1alpha1/namespaces/default/modeldeployments";
    private static readonly JsonObject Definition = Read("definition.yaml");
    private static readonly JsonObject Cases = Read("rules.yaml");
    private static readonly List<(string Path, string Message, JsonObject Rule)> Rules = [.. Walk(Schema, "").SelectMany(
        node => (node.Schema["x-kubernetes-validations"] as JsonArray ?? []).OfType<JsonObject>().Select(rule => (node.Path, rule["message"].AsText()!, rule)))];

    private static JsonObject Schema => Definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    [Fact]
    public void EveryRule_HasItsCase_AndEveryCaseItsRule()
    {
        var cases = Cases["rules"]!.AsArray().OfType<JsonObject>().ToList();

        Assert.Equal([], Rules.Where(rule => !cases.Any(item => IsOf(item, rule.Path, rule.Message))).Select(rule => $"{rule.Path}: {rule.Message}"));
        Assert.Equal([], cases.Where(item => !Rules.Any(rule => IsOf(item, rule.Path, rule.Message))).Select(item => item.ToJsonString()));
    }

    [Fact]
    public async Task EveryRule_RefusesWhatBreaksIt_AndAcceptsWhatKeepsIt()
    {
        await using var fixture = await StartAsync();
        foreach (var item in Cases["rules"]!.AsArray().OfType<JsonObject>())
        {
            var (path, message, rule) = Rules.Single(rule => IsOf(item, rule.Path, rule.Message));
            var (status, refusal) = await SendAsync(fixture, item, "refused");
            Assert.True(status == 422, $"{path}, {message}: {status} {refusal.ToJsonString()}");
            var field = path.Length == 0 && rule["fieldPath"] is null ? "<nil>" : path + rule["fieldPath"].AsText();
            var causes = refusal["details"]!["causes"]!.AsArray();
            Assert.True(
                causes.Any(cause => cause!["field"].AsText() == field && cause["message"].AsText()!.EndsWith(": " + message, StringComparison.Ordinal)
                    && cause["reason"].AsText() == (rule["reason"].AsText() ?? "FieldValueInvalid")),
                $"{field}, {message}: {causes.ToJsonString()}");

            (status, refusal) = await SendAsync(fixture, item, "accepted");
            Assert.True(status is 200 or 201, $"{path}, {message}: {status} {refusal.ToJsonString()}");
        }
    }

    [Fact]
    public async Task EveryDefault_IsSet()
    {
        await using var fixture = await StartAsync();
        var missing = Walk(Schema, "").Where(node => node.Schema.ContainsKey("default")).ToDictionary(node => node.Path, node => node.Schema["default"]);
        Assert.NotEmpty(missing);
        foreach (var changes in Cases["defaults"]!.AsArray().OfType<JsonObject>())
        {
            var given = Deployment("a", changes);
            var (status, stored) = await fixture.SendAsync(HttpMethod.Post, $"{Deployments}?dryRun=All&fieldValidation=Strict", given);
            Assert.True(status == 201, stored.ToJsonString());
            foreach (var (path, value) in missing.ToList())
            {
                if (Find(given, path) is not null || Find(stored, path) is not { } set)
                    continue;
                // An object's default gets the defaults of its own fields.
                Assert.True(value is JsonObject || JsonNode.DeepEquals(value, set), $"{path} is {set.ToJsonString()}, its default is {value?.ToJsonString()}");
                missing.Remove(path);
            }
        }

        Assert.Equal([], missing.Keys);
    }

    [Theory]
    [InlineData("\"three\"", "Invalid value: 0: .spec.replicas accessor error: three is of the type string, expected int64")]
    [InlineData("true", "Invalid value: 0: .spec.replicas accessor error: true is of the type bool, expected int64")]
    [InlineData("-1", "Invalid value: -1: should be a non-negative integer")]
    public async Task Replicas_ThatNoScaleCouldShow_AreRefusedByTheScaleSubresourceToo(string replicas, string message)
    {
        await using var fixture = await StartAsync();

        var (status, refusal) = await fixture.SendAsync(
            HttpMethod.Post, Deployments, Deployment("a", new JsonObject { ["replicas"] = JsonNode.Parse(replicas) }));

        Assert.Equal(422, status);
        var causes = refusal["details"]!["causes"]!.AsArray();
        Assert.Contains(causes, cause => cause!["field"].AsText() == "spec.replicas");
        Assert.Contains(causes, cause => cause!["field"].AsText() == ".spec.replicas" && cause["message"].AsText() == message);
    }

    [Theory]
    [InlineData("self.url().getHost() == 'a'")]
    [InlineData("self.spec.nothere == 1")]
    [InlineData("cel.bind(x, self, x == x)")]
    [InlineData("self.size( == 1")]
    public async Task ARuleBeyondTheEvaluator_IsRefusedByName(string expression)
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        var definition = Definition.DeepClone();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["x-kubernetes-validations"]!.AsArray()
            .Add(new JsonObject { ["rule"] = expression, ["message"] = "no" });

        var (status, refusal) = await fixture.SendAsync(
            HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);

        Assert.Equal(422, status);
        Assert.Contains(expression, refusal["message"].AsText(), StringComparison.Ordinal);
        Assert.Contains("x-kubernetes-validations[1].rule", refusal["details"]!["causes"]![0]!["field"].AsText(), StringComparison.Ordinal);
    }

    private static async Task<ApiServerFixture> StartAsync()
    {
        var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        var (status, answer) = await fixture.SendAsync(
            HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition.DeepClone());
        Assert.True(status == 201, answer.ToJsonString());
        return fixture;
    }

    private static async Task<(int Status, JsonNode Body)> SendAsync(ApiServerFixture fixture, JsonObject item, string form)
    {
        var name = item[$"{form}Name"].AsText() ?? "a";
        var wanted = Deployment(name, item[form] as JsonObject ?? []);
        if (item["old"] is not JsonObject old)
            return await fixture.SendAsync(HttpMethod.Post, $"{Deployments}?dryRun=All&fieldValidation=Strict", wanted);
        wanted["metadata"]!["name"] = name = "changed";
        await fixture.SendAsync(HttpMethod.Post, Deployments, Deployment(name, old));
        return await fixture.SendAsync(HttpMethod.Put, $"{Deployments}/{name}?dryRun=All&fieldValidation=Strict", wanted);
    }

    private static JsonObject Deployment(string name, JsonObject changes) => new()
    {
        ["apiVersion"] = "inference.gpustack.io/v1alpha1",
        ["kind"] = "ModelDeployment",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = Spec(changes),
    };

    private static JsonObject Spec(JsonObject changes)
    {
        var spec = Cases["base"]!.DeepClone().AsObject();
        MergePatch.Apply(spec, changes);
        return spec;
    }

    private static bool IsOf(JsonObject item, string path, string message) =>
        item["path"].AsText() == path && message.StartsWith(item["message"].AsText()!, StringComparison.Ordinal);

    private static JsonNode? Find(JsonNode? value, string path)
    {
        foreach (var field in path.Split('.'))
            value = (value as JsonObject)?[field];
        return value;
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Walk(JsonObject schema, string path)
    {
        yield return (path, schema);
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            foreach (var below in Walk(property!.AsObject(), path.Length == 0 ? name : $"{path}.{name}"))
                yield return below;
        }

        foreach (var (field, mark) in ((string, string)[])[("items", "[]"), ("additionalProperties", "{}")])
        {
            if (schema[field] is not JsonObject element)
                continue;
            foreach (var below in Walk(element, path + mark))
                yield return below;
        }
    }

    private static JsonObject Read(string file) =>
        YamlReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ApiServer", "definition", file)), file)!.AsObject();
}
