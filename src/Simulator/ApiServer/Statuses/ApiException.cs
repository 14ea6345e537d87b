using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Statuses;

/// <summary>A refusal that the client sees as a <c>Status</c> object.</summary>
internal sealed class ApiException : Exception
{
    private ApiException(int code, string reason, string message, JsonObject? details = null) : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; }

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; }

    public JsonObject? Details { get; }

    public static ApiException NotFound(ResourceKey resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", Subject(resource, name));

    /// <summary>The answer for a path that nothing serves.</summary>
    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException AlreadyExists(ResourceKey resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Subject(resource, name));

    public static ApiException Conflict(ResourceKey subject, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {subject} \"{name}\": {why}", Subject(subject, name));

    public static ApiException Modified(ResourceKey resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException ApplyConflict(IReadOnlyList<(string Message, string Field)> conflicts)
    {
        var lines = conflicts.GroupBy(conflict => conflict.Message, StringComparer.Ordinal).Select(group => group.Count() == 1
            ? $"{group.Key}: {group.First().Field}"
            : $"{group.Key}:\n{string.Join("\n", group.Select(item => $"- {item.Field}"))}").ToList();
        var count = conflicts.Count == 1 ? "1 conflict" : $"{conflicts.Count} conflicts";
        var causes = new JsonArray([.. conflicts.Select(conflict => Cause("FieldManagerConflict", conflict.Message, conflict.Field))]);
        return new ApiException(
            409, "Conflict", $"Apply failed with {count}: {(lines.Count == 1 ? lines[0] : string.Join("\n", lines))}", new JsonObject { ["causes"] = causes });
    }

    public static ApiException Invalid(ResourceKey qualifiedKind, string name, IReadOnlyList<FieldProblem> problems)
    {
        var texts = problems.Select(problem => $"{problem.Field}: {problem.Message}").Distinct(StringComparer.Ordinal).ToList();
        var details = Subject(qualifiedKind, name);
        details["causes"] = new JsonArray([.. problems.Select(problem => Cause(problem.Reason, problem.Message, problem.Field))]);
        var list = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return new ApiException(422, "Invalid", $"{qualifiedKind} \"{name}\" is invalid: {list}", details);
    }

    /// <summary>A patch that cannot be applied; the real server says no more either.</summary>
    public static ApiException PatchRejected() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    /// <summary>An applied configuration with fields that the schema does not have; the real server gives no reason either.</summary>
    public static ApiException Undeclared(string message) => new(500, "", message);

    public static ApiException Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}");

    /// <summary>An internal error as the real server words those that it knows the cause of.</summary>
    public static ApiException InternalCause(string message) => new(
        500, "InternalError", $"Internal error occurred: {message}", new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    /// <summary>What an admission webhook refused, in its own words; a refusal is never answered with a code below 400.</summary>
    public static ApiException Denied(string webhook, JsonObject? status)
    {
        var denied = $"admission webhook \"{webhook}\" denied the request";
        var reason = status?["reason"].AsText() ?? "";
        var message = status?["message"].AsText() is { Length: > 0 } words ? $"{denied}: {words}"
            : reason.Length > 0 ? $"{denied}: {reason}"
            : $"{denied} without explanation";
        return new ApiException((int)Math.Max(400, status?["code"].AsLong() ?? 0), reason, message, status?["details"]?.DeepClone() as JsonObject);
    }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException TooLarge(int limit) => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    /// <summary>The sender gave credentials that are nobody's.</summary>
    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    /// <summary>The sender may not do it: to a resource, one object of it (empty: none in particular), or a path (the resource is empty).</summary>
    public static ApiException Forbidden(ResourceKey resource, string name, string why)
    {
        var details = name.Length > 0 ? new JsonObject { ["name"] = name } : [];
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        if (resource.Resource.Length > 0)
            details["kind"] = resource.Resource;
        var what = resource.Resource.Length == 0 ? "" : name.Length == 0 ? $"{resource} is " : $"{resource} \"{name}\" is ";
        return new ApiException(403, "Forbidden", $"{what}forbidden: {why}", details);
    }

    public static ApiException UnsupportedMediaType(params IEnumerable<string> accepted) => new(
        415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    public static ApiException NotAcceptable(params IEnumerable<string> offered) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {string.Join(", ", offered)}");

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>A real server can do this; the simulated one says so instead of pretending.</summary>
    public static ApiException NotSimulated(string what) => new(501, "NotImplemented", $"the simulated cluster does not implement {what}");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooManyRequests(string message, JsonObject details) => new(429, "TooManyRequests", message, details);

    /// <summary>The answer to what the store refused.</summary>
    public static ApiException From(StoreException refusal) => refusal.Failure switch
    {
        StoreFailure.NotFound or StoreFailure.NamespaceNotFound when refusal.Name is { } name => NotFound(refusal.Resource, name),
        StoreFailure.AlreadyExists => AlreadyExists(refusal.Resource, refusal.Name!),
        StoreFailure.Conflict or StoreFailure.Precondition => new(409, "Conflict", refusal.Message, Subject(refusal.Resource, refusal.Name!)),
        StoreFailure.QuotaExceeded => new(403, "Forbidden", refusal.Message, Subject(refusal.Resource, refusal.Name!)),
        StoreFailure.NamespaceTerminating => new(403, "Forbidden", refusal.Message, Subject(refusal.Resource, refusal.Name!)),
        StoreFailure.Expired => Expired(refusal.Message),
        StoreFailure.Invalid => BadRequest(refusal.Message),
        _ => NoSuchPath(),
    };

    /// <summary>The Status object.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0)
            status["reason"] = Reason;
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    private static JsonObject Cause(string reason, string message, string field) =>
        new() { ["reason"] = reason, ["message"] = message, ["field"] = field };

    private static JsonObject Subject(ResourceKey resource, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = resource.Resource;
        return details;
    }
}
