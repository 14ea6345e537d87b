using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Tests.Schemas;

public sealed class SchemaCases
{
    private static JsonObject Read(string file) =>
        YamlReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Schemas", "cases", file)), file)!.AsObject();

    public static TheoryData<string> ObjectCaseNames =>
        new(Read("widgets.yaml")["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));

    public static TheoryData<string> RuleTexts =>
        new(Read("rules.yaml")["rules"]!.AsArray().Select(c => c!.ToJsonString()));

    public static TheoryData<string> RefusedRules =>
        new(Read("rules.yaml")["refused"]!.AsArray().Select(c => c!.ToJsonString()));

    [Theory]
    [MemberData(nameof(ObjectCaseNames))]
    public void An_object_is_answered_as_the_API_server_answers_it(string name)
    {
        var file = Read("widgets.yaml");
        var schema = StructuralSchema.Parse(file["schema"]!.AsObject());
        var sample = file["cases"]!.AsArray().Select(c => c!.AsObject()).Single(c => c["name"]!.GetValue<string>() == name);
        var value = sample["object"]!.DeepClone().AsObject();

        Assert.Equal(Texts(sample["unknown"]), schema.FindUnknownFields(value).Select(u => u.Path));
        schema.Prune(value);
        Assert.Empty(schema.FindUnknownFields(value));
        schema.ApplyDefaults(value);
        if (sample["result"] is { } result)
            Assert.True(JsonNode.DeepEquals(result, value), $"{value.ToJsonString()} is not {result.ToJsonString()}");
        Assert.Equal(Texts(sample["errors"]), schema.Validate(value, sample["old"]?.AsObject()).Select(e => e.ToString()));
    }

    [Theory]
    [MemberData(nameof(RuleTexts))]
    public void A_rule_gives_what_CEL_gives(string ruleJson)
    {
        var file = Read("rules.yaml");
        var rule = JsonNode.Parse(ruleJson)!.AsObject();
        var error = rule["error"]?.GetValue<string>();
        rule.Remove("error");

        var errors = SchemaWith(file, rule).Validate(file["object"]!.DeepClone().AsObject(), null);

        Assert.Equal(error is null ? [] : [$"<nil>: Invalid value: {error}"], errors.Select(e => e.ToString()));
    }

    [Theory]
    [MemberData(nameof(RefusedRules))]
    public void A_rule_beyond_the_evaluator_is_refused_when_the_schema_is_read(string ruleJson)
    {
        var rule = JsonNode.Parse(ruleJson)!.AsObject();
        var because = rule["because"]!.GetValue<string>();
        rule.Remove("because");

        var refusal = Assert.Throws<SchemaException>(() => SchemaWith(Read("rules.yaml"), rule));

        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("openAPIV3Schema.x-kubernetes-validations[0].rule", refusal.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"properties":{}}""", "openAPIV3Schema.type: Required value")]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", "openAPIV3Schema.properties[a].type: Required value")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"list"}}}""", "Unsupported value: \"list\"")]
    [InlineData("""{"type":"object","colour":"red"}""", "openAPIV3Schema.colour: Forbidden")]
    [InlineData("""{"type":"object","$ref":"#/x"}""", "$ref is not supported")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array"}}}""", "openAPIV3Schema.properties[a].items: Required value")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":1}}}""", "openAPIV3Schema.properties[a].default: Invalid value")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{"b":1}}}}""", "unknown field \"b\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)"}}}""", "must be a valid regular expression")]
    [InlineData("""{"type":"object","oneOf":[{"properties":{"a":{}}}]}""", "because it is defined in a junctor")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}}""", "uncorrelatable")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}}}}""", "x-kubernetes-list-map-keys: Required value")]
    public void A_schema_that_is_not_structural_is_refused(string schema, string because)
    {
        var refusal = Assert.Throws<SchemaException>(() => StructuralSchema.Parse(JsonNode.Parse(schema)!.AsObject()));

        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_share_one_budget_per_object()
    {
        var items = new JsonArray([.. Enumerable.Range(0, 3000).Select(i => (JsonNode)i)]);
        var schema = StructuralSchema.Parse(JsonNode.Parse("""
            {"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"},
             "x-kubernetes-validations":[{"rule":"self.all(x, self.all(y, x >= 0 && y >= 0))","message":"m"}]}}}
            """)!.AsObject());

        var error = Assert.Single(schema.Validate(new JsonObject { ["a"] = items }, null));

        Assert.Contains("actual cost limit exceeded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_CRD_of_this_project_is_read_and_all_its_rules_compile()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "GpuStack.Operator.sln")))
            root = root.Parent;
        var file = Path.Combine(root!.FullName, "config", "crd", "inference.gpustack.io_modeldeployments.yaml");
        var crd = YamlReader.Read(File.ReadAllText(file), file)!;

        StructuralSchema.Parse(crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject());
    }

    private static StructuralSchema SchemaWith(JsonObject file, JsonObject rule)
    {
        var schema = file["schema"]!.DeepClone().AsObject();
        schema["x-kubernetes-validations"] = new JsonArray(rule.DeepClone());
        return StructuralSchema.Parse(schema);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(n => n!.GetValue<string>()) ?? [];
}
