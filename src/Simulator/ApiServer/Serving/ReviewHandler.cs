using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Access and token reviews: the simulated cluster has one user, who may do everything.</summary>
internal static class ReviewHandler
{
    /// <summary>The review resources: group, plural, kind, and whether they live in a namespace.</summary>
    public static IReadOnlyList<(string Group, string Plural, string Kind, bool Namespaced)> Resources { get; } =
    [
        ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", false),
        ("authentication.k8s.io", "tokenreviews", "TokenReview", false),
        ("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
        ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
        ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
        ("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", false),
    ];

    public static string? KindOf(ResourcePath path) => Resources
        .Where(item => item.Group == path.Group && item.Plural == path.Resource && path.Version == "v1" && path.Name is null)
        .Select(item => item.Kind).FirstOrDefault();

    public static async Task HandleAsync(HttpContext http, string group, string kind)
    {
        var body = await RequestBody.ReadObjectAsync(http.Request, http.RequestAborted).ConfigureAwait(false);
        var review = new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{group}/v1",
            ["metadata"] = body["metadata"]?.DeepClone() ?? new JsonObject(),
            ["spec"] = body["spec"]?.DeepClone() ?? new JsonObject(),
            ["status"] = Status(kind, body["spec"], Impersonation.IsAllowed(http)),
        };
        await Answer.WriteAsync(http, review, 201).ConfigureAwait(false);
    }

    private static JsonObject Status(string kind, JsonNode? spec, bool isAllowed) => kind switch
    {
        "SelfSubjectReview" => new JsonObject
        {
            ["userInfo"] = new JsonObject { ["username"] = "kubernetes-admin", ["groups"] = new JsonArray("system:masters", "system:authenticated") },
        },
        "TokenReview" => new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" },
        "SelfSubjectRulesReview" => new JsonObject
        {
            ["resourceRules"] = new JsonArray(new JsonObject
            {
                ["verbs"] = new JsonArray("*"),
                ["apiGroups"] = new JsonArray("*"),
                ["resources"] = new JsonArray("*"),
            }),
            ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
            ["incomplete"] = false,
        },
        "SelfSubjectAccessReview" => new JsonObject { ["allowed"] = isAllowed },
        _ => new JsonObject { ["allowed"] = Impersonation.IsAdministrator(spec?["user"].AsText(), Groups(spec)) },
    };

    private static IEnumerable<string?> Groups(JsonNode? spec) => (spec?["groups"] as JsonArray ?? []).Select(group => group.AsText());
}
