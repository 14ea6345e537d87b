using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer.Access;

public sealed class AccessIndexTests
{
    private readonly ClusterStore _store = new(TimeProvider.System);

    [Fact]
    public void ARoleThatAggregates_HasTheRulesOfTheOthers_AndNeitherItsOwnNorThoseOfSelectorsWithExpressions()
    {
        AddRole("part", "pods", """{"labels":{"joins":"yes"}}""");
        AddRole("whole", "secrets", """{"labels":{"joins":"yes"}}""", """{"clusterRoleSelectors":[{"matchLabels":{"joins":"yes"}}]}""");
        AddRole("other", "nodes", """{"labels":{"more":"yes"}}""");
        AddRole("expressive", "events", "{}", """{"clusterRoleSelectors":[{"matchLabels":{"more":"yes"},"matchExpressions":[{"key":"more","operator":"Exists"}]}]}""");
        Bind("whole");
        Bind("expressive");

        var index = AccessIndex.Build(_store);

        Assert.Equal([true, false, false, false], new[] { "pods", "secrets", "nodes", "events" }.Select(resource => May(index, resource)));
    }

    [Fact]
    public void ABinding_OfARoleThatIsNotThere_GivesNothing_UntilItIs()
    {
        Bind("late");
        Assert.False(May(AccessIndex.Build(_store), "pods"));

        AddRole("late", "pods", "{}");
        Assert.True(May(AccessIndex.Build(_store), "pods"));
    }

    private static bool May(AccessIndex index, string resource) =>
        index.Find(new AccessUser("u", []), new AccessAttributes("list", "", resource, "", "", "", "")) is not null;

    private void AddRole(string name, string resource, string metadata, string? aggregation = null)
    {
        var body = new JsonObject
        {
            ["metadata"] = JsonNode.Parse(metadata),
            ["rules"] = new JsonArray(JsonNode.Parse($$"""{"apiGroups":[""],"resources":["{{resource}}"],"verbs":["list"]}""")),
        };
        body["metadata"]!["name"] = name;
        if (aggregation is not null)
            body["aggregationRule"] = JsonNode.Parse(aggregation);
        _store.Create(BuiltInResources.ClusterRoles, body);
    }

    private void Bind(string role) => _store.Create(BuiltInResources.ClusterRoleBindings, JsonNode.Parse($$"""
        {"metadata":{"name":"{{role}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{role}}"},"subjects":[{"kind":"User","name":"u"}]}
        """)!.AsObject());
}
