using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>Writes what a webhook is asked: an AdmissionReview of <c>admission.k8s.io/v1</c>.</summary>
internal static class AdmissionReviewBody
{
    /// <param name="uid">Names the question.</param>
    /// <param name="attributes">What is to be done.</param>
    /// <param name="resource">The version of the resource that the webhook knows.</param>
    public static JsonObject Write(string uid, AdmissionAttributes attributes, ApiResource resource)
    {
        var subresource = attributes.Request.Subresource;
        var original = attributes.Kind;
        var kind = ReferenceEquals(resource, attributes.Resource) || subresource is not (null or "status")
            ? original
            : (resource.Group, resource.Version, resource.Kind);
        var request = new JsonObject
        {
            ["uid"] = uid,
            ["kind"] = Kind(kind),
            ["resource"] = Resource(resource),
        };
        if (subresource is not null)
            request["subResource"] = subresource;
        request["requestKind"] = Kind(original);
        request["requestResource"] = Resource(attributes.Resource);
        if (subresource is not null)
            request["requestSubResource"] = subresource;
        request["name"] = attributes.Name;
        if (attributes.Request.Namespace is { } scope)
            request["namespace"] = scope;
        request["operation"] = attributes.Operation;
        request["userInfo"] = User(attributes);
        request["object"] = Converted(attributes.Object, attributes, resource);
        request["oldObject"] = Converted(attributes.OldObject, attributes, resource);
        request["dryRun"] = attributes.Request.DryRun;
        request["options"] = Options(attributes);
        return new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/v1", ["request"] = request };
    }

    private static JsonObject User(AdmissionAttributes attributes)
    {
        var user = attributes.Request.Access.User;
        return new JsonObject { ["username"] = user.Name, ["groups"] = new JsonArray([.. user.Groups.Select(group => JsonValue.Create(group))]) };
    }

    private static JsonObject Options(AdmissionAttributes attributes)
    {
        var options = new JsonObject
        {
            ["kind"] = attributes.Operation switch
            {
                AdmissionAttributes.Create => "CreateOptions",
                AdmissionAttributes.Update => "UpdateOptions",
                _ => "DeleteOptions",
            },
            ["apiVersion"] = "meta.k8s.io/v1",
        };
        if (attributes.Request.DryRun)
            options["dryRun"] = new JsonArray("All");
        if (attributes.Operation != AdmissionAttributes.Delete)
            options["fieldManager"] = attributes.Request.FieldManager;
        return options;
    }

    private static JsonObject? Converted(JsonObject? body, AdmissionAttributes attributes, ApiResource resource)
    {
        if (body?.DeepClone() is not JsonObject copy)
            return null;
        if (ReferenceEquals(resource, attributes.Resource) || attributes.Request.Subresource is not (null or "status"))
            return copy;
        var stored = attributes.Resource.Conversion?.ToStored(copy) ?? copy;
        return resource.Conversion?.ToServed(stored) ?? stored;
    }

    private static JsonObject Kind((string Group, string Version, string Kind) kind) =>
        new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonObject Resource(ApiResource resource) =>
        new() { ["group"] = resource.Group, ["version"] = resource.Version, ["resource"] = resource.Plural };
}
