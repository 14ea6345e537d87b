using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Validation of what decides over other objects: webhooks and quotas.</summary>
internal static class AdmissionValidation
{
    public static void Webhooks(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        var webhooks = body.Objects("webhooks").ToList();
        for (var i = 0; i < webhooks.Count; i++)
        {
            var (webhook, field) = (webhooks[i], $"webhooks[{i}]");
            if (webhook["matchConditions"] is JsonArray { Count: > 0 })
                throw ApiException.NotSimulated("matchConditions of admission webhooks");
            if (webhook["name"].AsText() is { } name && name.Split('.').Length < 3)
                problems.Add(FieldProblem.Invalid($"{field}.name", $"\"{name}\"", "should be a domain with at least three segments separated by dots"));
            if (webhook["sideEffects"].AsText() is { } effects and not ("None" or "NoneOnDryRun"))
                problems.Add(FieldProblem.NotSupported($"{field}.sideEffects", effects, "None", "NoneOnDryRun"));
            if (webhook["failurePolicy"].AsText() is { } policy and not ("Ignore" or "Fail"))
                problems.Add(FieldProblem.NotSupported($"{field}.failurePolicy", policy, "Fail", "Ignore"));
            if (webhook["matchPolicy"].AsText() is { } match and not ("Exact" or "Equivalent"))
                problems.Add(FieldProblem.NotSupported($"{field}.matchPolicy", match, "Equivalent", "Exact"));
            if (webhook["timeoutSeconds"].AsLong() is < 1 or > 30)
                problems.Add(FieldProblem.Invalid($"{field}.timeoutSeconds", webhook["timeoutSeconds"]!.ToJsonString(), "the timeout value must be between 1 and 30 seconds"));
            if (webhook["admissionReviewVersions"] is JsonArray versions && !versions.Any(version => version.AsText() == "v1"))
                problems.Add(FieldProblem.Invalid($"{field}.admissionReviewVersions", versions.ToJsonString(), "must include at least one of v1, v1beta1"));
            CheckAddress(webhook["clientConfig"] as JsonObject ?? [], $"{field}.clientConfig", problems);
        }
    }

    public static void Quota(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (body["spec"]?["scopes"] is JsonArray { Count: > 0 } || body["spec"]?["scopeSelector"] is not null)
            throw ApiException.NotSimulated("scopes of resource quotas");
    }

    private static void CheckAddress(JsonObject clientConfig, string field, List<FieldProblem> problems)
    {
        if ((clientConfig["url"] is null) == (clientConfig["service"] is null))
            problems.Add(FieldProblem.Required(field, "exactly one of url or service is required"));
        else if (clientConfig["url"].AsText() is { } url && !url.StartsWith("https://", StringComparison.Ordinal))
            problems.Add(FieldProblem.Invalid($"{field}.url", $"\"{url.Split(':')[0]}\"", "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
        else if (clientConfig["service"]?["path"].AsText() is { } path && !path.StartsWith('/'))
            problems.Add(FieldProblem.Invalid($"{field}.service.path", $"\"{path}\"", "must start with a '/'"));
    }
}
