using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Access and token reviews: questions who somebody is and what they may do.</summary>
internal sealed class ReviewHandler(AccessControl control, Authenticator authenticator)
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

    public async Task HandleAsync(HttpContext http, ResourcePath path, string kind)
    {
        var body = await RequestBody.ReadObjectAsync(http.Request, http.RequestAborted).ConfigureAwait(false);
        var spec = body["spec"] as JsonObject ?? [];
        var review = new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{path.Group}/v1",
            ["metadata"] = body["metadata"]?.DeepClone() ?? new JsonObject(),
            ["spec"] = spec.DeepClone(),
            ["status"] = Status(kind, spec, path, http.Features.GetRequiredFeature<RequestAccess>().User),
        };
        await Answer.WriteAsync(http, review, 201).ConfigureAwait(false);
    }

    private JsonObject Status(string kind, JsonObject spec, ResourcePath path, AccessUser asking) => kind switch
    {
        "SelfSubjectReview" => new JsonObject { ["userInfo"] = Info(asking, null) },
        "TokenReview" => Token(spec),
        "SelfSubjectRulesReview" => Rules(asking, spec["namespace"].AsText() ?? ""),
        "SelfSubjectAccessReview" => Access(asking, Checked(kind, spec, path), isKept: false),
        _ => Access(Subject(spec), Checked(kind, spec, path), isKept: true),
    };

    /// <summary>What the API's documentation asks of an access review.</summary>
    private static JsonObject Checked(string kind, JsonObject spec, ResourcePath path)
    {
        var problems = new List<FieldProblem>();
        var (resource, other) = (spec["resourceAttributes"], spec["nonResourceAttributes"]);
        if (resource is not null && other is not null)
            problems.Add(FieldProblem.Invalid("spec.nonResourceAttributes", other.ToJsonString(), "cannot be specified in combination with resourceAttributes"));
        if (resource is null && other is null)
            problems.Add(FieldProblem.Invalid("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        if (kind != "SelfSubjectAccessReview" && Text(spec, "user").Length == 0 && spec["groups"] is not JsonArray { Count: > 0 })
            problems.Add(FieldProblem.Invalid("spec.user", "\"\"", "at least one of user or group must be specified"));
        if (kind == "LocalSubjectAccessReview" && other is not null)
            problems.Add(FieldProblem.Invalid("spec.nonResourceAttributes", other.ToJsonString(), "disallowed on this kind of request"));
        if (kind == "LocalSubjectAccessReview" && resource is not null && Text(resource, "namespace") != path.Namespace)
            throw ApiException.BadRequest($"spec.resourceAttributes.namespace must match namespace: {path.Namespace}");
        return problems.Count == 0 ? spec : throw ApiException.Invalid(new ResourceKey(path.Group, kind), "", problems);
    }

    private JsonObject Token(JsonObject spec)
    {
        if (authenticator.Find(spec["token"].AsText() ?? "") is not { } holder)
            return new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
        return new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = Info(holder.User, holder.Uid),
            ["audiences"] = spec["audiences"]?.DeepClone() ?? new JsonArray("https://kubernetes.default.svc.cluster.local"),
        };
    }

    /// <summary>Groups are those that the review names, and no others.</summary>
    private static AccessUser Subject(JsonObject spec) =>
        new(Text(spec, "user"), [.. (spec["groups"] as JsonArray ?? []).Select(group => group.AsText() ?? "")]);

    private JsonObject Access(AccessUser user, JsonObject spec, bool isKept)
    {
        var (resource, path) = (spec["resourceAttributes"], spec["nonResourceAttributes"]);
        var wanted = path is null
            ? new AccessAttributes(
                Text(resource, "verb"), Text(resource, "group"), Text(resource, "resource"), Text(resource, "subresource"), Text(resource, "namespace"), Text(resource, "name"), "")
            : new AccessAttributes(Text(path, "verb"), "", "", "", "", "", Text(path, "path"));
        var decision = control.Decide(user, wanted);
        var status = new JsonObject { ["allowed"] = decision.IsAllowed };
        if (decision.Rule is not { } bound)
            return status;
        if (isKept)
            control.Log.Add(new AccessGrant(bound.Rule.Role, bound.Rule.Index, wanted.Verb, wanted.Group, wanted.IsResource ? wanted.Combined : wanted.Path, IsReview: true));
        status["reason"] = $"RBAC: allowed by {bound.Binding}";
        return status;
    }

    private JsonObject Rules(AccessUser user, string @namespace)
    {
        var (resources, paths) = (new JsonArray(), new JsonArray());
        if (user.IsMaster)
        {
            resources.Add((JsonNode)Rule(["*"], [("apiGroups", ["*"]), ("resources", ["*"])]));
            paths.Add((JsonNode)Rule(["*"], [("nonResourceURLs", ["*"])]));
        }

        foreach (var rule in control.Rules(user, @namespace))
        {
            if (rule.Paths.Length > 0)
                paths.Add((JsonNode)Rule(rule.Verbs, [("nonResourceURLs", rule.Paths)]));
            else
                resources.Add((JsonNode)Rule(rule.Verbs, [("apiGroups", rule.Groups), ("resources", rule.Resources), ("resourceNames", rule.Names)]));
        }

        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private static JsonObject Rule(string[] verbs, (string Field, string[] Values)[] fields)
    {
        var rule = new JsonObject { ["verbs"] = Texts(verbs) };
        foreach (var (field, values) in fields.Where(one => one.Values.Length > 0))
            rule[field] = Texts(values);
        return rule;
    }

    private static JsonObject Info(AccessUser user, string? uid)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (uid is not null)
            info["uid"] = uid;
        info["groups"] = Texts(user.Groups);
        return info;
    }

    private static JsonArray Texts(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static string Text(JsonNode? attributes, string field) => attributes?[field].AsText() ?? "";
}
