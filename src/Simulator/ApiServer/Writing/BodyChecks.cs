using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Validation;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>What is checked of every body, whatever its kind.</summary>
internal static class BodyChecks
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>apiVersion and kind must be those of the path; left out they are filled in.</summary>
    public static void CheckKind(ApiResource resource, JsonObject body)
    {
        var kind = body["kind"].AsText();
        var version = body["apiVersion"].AsText();
        if (kind is { Length: > 0 } && !string.Equals(kind, resource.Kind, StringComparison.Ordinal))
        {
            throw ApiException.BadRequest(
                $"{kind} in version \"{version?[(version.IndexOf('/', StringComparison.Ordinal) + 1)..]}\" cannot be handled as a {resource.Kind}: no kind \"{kind}\" is registered for version \"{version}\" in scheme");
        }

        if (version is { Length: > 0 } && !string.Equals(version, resource.GroupVersion, StringComparison.Ordinal))
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({version}) does not match the expected API version ({resource.GroupVersion})");
        }

        body["apiVersion"] = resource.GroupVersion;
        body["kind"] = resource.Kind;
    }

    /// <summary>Name and namespace must be those of the path; left out they are filled in.</summary>
    public static JsonObject CheckIdentity(ApiRequest request, JsonObject body)
    {
        if (body["metadata"] is not JsonObject metadata)
            body["metadata"] = metadata = [];
        if (request.Name is { } name)
        {
            if (metadata["name"].AsText() is { Length: > 0 } own && !string.Equals(own, name, StringComparison.Ordinal))
                throw ApiException.BadRequest($"the name of the object ({own}) does not match the name on the URL ({name})");
            metadata["name"] = name;
        }

        if (!request.Resource.Namespaced)
            return metadata;
        if (metadata["namespace"].AsText() is { Length: > 0 } space && !string.Equals(space, request.Namespace, StringComparison.Ordinal))
        {
            throw ApiException.BadRequest(
                $"the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = request.Namespace;
        return metadata;
    }

    /// <summary>Drops what the client cannot set, and makes a name where only its beginning is given.</summary>
    public static void PrepareNew(ApiResource resource, JsonObject body, JsonObject metadata)
    {
        foreach (var field in (string[])["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink", "managedFields"])
            metadata.Remove(field);
        if (metadata["name"].AsText() is not { Length: > 0 } && metadata["generateName"].AsText() is { Length: > 0 } beginning)
            metadata["name"] = beginning[..Math.Min(beginning.Length, 58)] + RandomNumberGenerator.GetString(SuffixLetters, 5);
        // A node registers with its status; all others get theirs from their controllers.
        if (resource.Definition.HasStatus && resource.Definition.Key != BuiltInResources.Nodes)
            body.Remove("status");
    }

    /// <summary>Cleans the body; unknown fields are an error, a warning or nothing, as the client asked.</summary>
    public static IReadOnlyList<string> Decode(ApiRequest request, JsonObject body)
    {
        var unknown = request.Resource.Rules.Decode(body);
        if (unknown.Count == 0)
            return [];
        var texts = unknown.Order(StringComparer.Ordinal).Select(path => $"unknown field \"{path}\"").ToList();
        switch (request.FieldValidation)
        {
            case "Strict":
                throw ApiException.BadRequest(
                    $"{request.Resource.Kind} in version \"{request.Resource.Version}\" cannot be handled as a {request.Resource.Kind}: strict decoding error: {string.Join(", ", texts)}");
            case "Warn":
                return texts;
            default:
                return [];
        }
    }

    public static void Validate(ApiRequest request, JsonObject body, JsonObject? live)
    {
        var resource = request.Resource;
        var metadata = (JsonObject)body["metadata"]!;
        var problems = new List<FieldProblem>();
        if (live is null)
            MetadataRules.ValidateNew(resource, metadata, problems);
        else
            MetadataRules.ValidateUpdate(metadata, (JsonObject)live["metadata"]!, problems);
        resource.Rules.Validate(body, live, request.Subresource, problems);
        if (resource.Definition.Key == BuiltInResources.CustomResourceDefinitions && request.Subresource is null)
            CustomResources.DefinitionController.Validate(body, live, problems);
        if (problems.Count > 0)
            throw ApiException.Invalid(resource.QualifiedKind, metadata["name"].AsText() ?? "", problems);
    }
}
