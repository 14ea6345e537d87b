using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.OpenApi;

namespace GpuStack.Kubernetes.Tests.Schemas;

public sealed class OpenApiDocuments
{
    [Fact]
    public void A_document_names_kinds_and_parameters_as_kubectl_looks_for_them()
    {
        var kind = new CustomResourceKind("example.io", "v1", "Widget", "WidgetList", "widgets", Namespaced: true, HasStatus: true, HasScale: false);
        var document = OpenApiDocument.Create([(kind, JsonNode.Parse("""{"type":"object","properties":{"spec":{"type":"object"}}}""")!.AsObject())]);

        var patch = document["paths"]!["/apis/example.io/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.Equal("Widget", patch["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>());
        Assert.Contains(patch["parameters"]!.AsArray(), p => p!["name"]!.GetValue<string>() == "fieldValidation");
        var schema = document["components"]!["schemas"]!["io.example.v1.Widget"]!;
        Assert.Equal("example.io", schema["x-kubernetes-group-version-kind"]![0]!["group"]!.GetValue<string>());
        Assert.NotNull(schema["properties"]!["metadata"]!["allOf"]);
        Assert.All(References(document), r => Assert.NotNull(document["components"]!["schemas"]![r["#/components/schemas/".Length..]]));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(p => p.Key == "$ref" ? [p.Value!.GetValue<string>()] : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
