using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Serving;

namespace GpuStack.Simulator.ApiServer.Discovery;

/// <summary>What clients ask first: which groups, versions and resources there are; in the old form and the aggregated one.</summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0+simulated",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };

    public static JsonObject CoreVersions(string host) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = host }),
    };

    public JsonObject GroupList() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups().Where(group => group.Name.Length > 0).Select(group => (JsonNode)Group(group.Name, group.Versions))]),
    };

    /// <summary>One group, or null when nothing serves it.</summary>
    public JsonObject? Group(string name)
    {
        var found = Groups().FirstOrDefault(group => group.Name == name);
        if (found.Versions is null)
            return null;
        var json = Group(found.Name, found.Versions);
        json.Insert(0, "kind", "APIGroup");
        json.Insert(1, "apiVersion", "v1");
        return json;
    }

    /// <summary>The resources of one version, or null when nothing serves it.</summary>
    public JsonObject? ResourceList(string group, string version)
    {
        var resources = catalog.All.Where(resource => resource.Group == group && resource.Version == version).ToList();
        var reviews = version == "v1" ? ReviewHandler.Resources.Where(review => review.Group == group).ToList() : [];
        if (resources.Count == 0 && reviews.Count == 0)
            return null;
        var list = new JsonArray();
        foreach (var (_, plural, kind, namespaced) in reviews)
            list.Add((JsonNode)Entry(plural, plural[..^1], namespaced, kind, ["create"]));
        foreach (var resource in resources)
        {
            var entry = Entry(resource.Plural, resource.Singular, resource.Namespaced, resource.Kind, resource.Verbs);
            if (resource.ShortNames.Count > 0)
                entry["shortNames"] = Texts(resource.ShortNames);
            if (resource.Categories.Count > 0)
                entry["categories"] = Texts(resource.Categories);
            list.Add((JsonNode)entry);
            foreach (var (name, subGroup, subVersion, kind, verbs) in Subresources(resource))
            {
                var sub = Entry($"{resource.Plural}/{name}", "", resource.Namespaced, kind, verbs);
                if (subGroup != resource.Group || subVersion != resource.Version)
                {
                    sub["group"] = subGroup;
                    sub["version"] = subVersion;
                }

                list.Add((JsonNode)sub);
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = list,
        };
    }

    /// <summary>The aggregated form of the core group, or of all others.</summary>
    public JsonObject Aggregated(bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. Groups().Where(group => group.Name.Length == 0 == core).Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = group.Name.Length == 0 ? [] : new JsonObject { ["name"] = group.Name },
            ["versions"] = new JsonArray([.. group.Versions.Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version,
                ["resources"] = AggregatedResources(group.Name, version),
                ["freshness"] = "Current",
            })]),
        })]),
    };

    private JsonArray AggregatedResources(string group, string version)
    {
        var list = new JsonArray();
        foreach (var (_, plural, kind, namespaced) in ReviewHandler.Resources.Where(review => review.Group == group && version == "v1"))
            list.Add((JsonNode)AggregatedEntry(plural, plural[..^1], namespaced, group, version, kind, ["create"]));
        foreach (var resource in catalog.All.Where(resource => resource.Group == group && resource.Version == version))
        {
            var entry = AggregatedEntry(resource.Plural, resource.Singular, resource.Namespaced, group, version, resource.Kind, resource.Verbs);
            if (resource.ShortNames.Count > 0)
                entry["shortNames"] = Texts(resource.ShortNames);
            if (resource.Categories.Count > 0)
                entry["categories"] = Texts(resource.Categories);
            var subresources = Subresources(resource).ToList();
            if (subresources.Count > 0)
            {
                entry["subresources"] = new JsonArray([.. subresources.Select(sub => (JsonNode)new JsonObject
                {
                    ["subresource"] = sub.Name,
                    ["responseKind"] = Kind(sub.Group, sub.Version, sub.Kind),
                    ["verbs"] = Texts(sub.Verbs),
                })]);
            }

            list.Add((JsonNode)entry);
        }

        return list;
    }

    private IEnumerable<(string Name, List<string> Versions)> Groups()
    {
        var served = ReviewHandler.Resources.Select(review => (review.Group, Version: "v1"))
            .Concat(catalog.All.Select(resource => (resource.Group, resource.Version)))
            .Distinct().ToList();
        return served.GroupBy(pair => pair.Group, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Select(pair => pair.Version).OrderByDescending(version => version, VersionOrder.Instance).ToList()));
    }

    private static JsonObject Group(string name, List<string> versions) => new()
    {
        ["name"] = name,
        ["versions"] = new JsonArray([.. versions.Select(version => (JsonNode)GroupVersion(name, version))]),
        ["preferredVersion"] = GroupVersion(name, versions[0]),
    };

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static IEnumerable<(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs)> Subresources(ApiResource resource)
    {
        string[] verbs = ["get", "patch", "update"];
        foreach (var (name, group, version, kind) in resource.Actions)
            yield return (name, group, version, kind, name == "finalize" ? ["update"] : ["create"]);
        // Built-in subresources come by name; a definition's status comes before its scale.
        if (resource.IsCustom && resource.Definition.HasStatus)
            yield return ("status", resource.Group, resource.Version, resource.Kind, verbs);
        if (resource.Scale is not null)
            yield return ("scale", "autoscaling", "v1", "Scale", verbs);
        if (!resource.IsCustom && resource.Definition.HasStatus)
            yield return ("status", resource.Group, resource.Version, resource.Kind, verbs);
    }

    private static JsonObject Entry(string name, string singular, bool namespaced, string kind, IReadOnlyList<string> verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = singular,
        ["namespaced"] = namespaced,
        ["kind"] = kind,
        ["verbs"] = Texts(verbs),
    };

    private static JsonObject AggregatedEntry(
        string plural, string singular, bool namespaced, string group, string version, string kind, IReadOnlyList<string> verbs) => new()
        {
            ["resource"] = plural,
            ["responseKind"] = Kind(group, version, kind),
            ["scope"] = namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = singular,
            ["verbs"] = Texts(verbs),
        };

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
