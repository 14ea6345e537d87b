using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.OpenApi;

/// <summary>The shared types that every group's document refers to.</summary>
internal static class OpenApiMetaSchemas
{
    public const string Prefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    public static JsonObject Create() => new()
    {
        [Prefix + "ObjectMeta"] = Object("Metadata that every persisted object has.",
            ("annotations", TextMap("Unstructured data of tools.")),
            ("creationTimestamp", Time("When the object was created; set by the server.")),
            ("deletionGracePeriodSeconds", Whole("Seconds until the object is removed.")),
            ("deletionTimestamp", Time("When the object will be removed; set by the server.")),
            ("finalizers", List("Must be empty before the object is removed.", Text(""))),
            ("generateName", Text("A prefix for a name made by the server.")),
            ("generation", Whole("Counts the changes of the desired state.")),
            ("labels", TextMap("Keys and values by which objects are selected.")),
            ("managedFields", List("Which manager set which fields.", Reference("ManagedFieldsEntry"))),
            ("name", Text("Unique within a namespace.")),
            ("namespace", Text("The space within which the name is unique.")),
            ("ownerReferences", List("The objects this one depends on.", Reference("OwnerReference"))),
            ("resourceVersion", Text("The version of this object, opaque to clients.")),
            ("selfLink", Text("Deprecated.")),
            ("uid", Text("Unique in time and space; set by the server."))),
        [Prefix + "OwnerReference"] = Object("An object that owns another.",
            ("apiVersion", Text("API version of the owner.")), ("blockOwnerDeletion", Flag("Whether it holds up a foreground deletion.")),
            ("controller", Flag("Whether it is the managing controller.")), ("kind", Text("Kind of the owner.")),
            ("name", Text("Name of the owner.")), ("uid", Text("UID of the owner."))),
        [Prefix + "ManagedFieldsEntry"] = Object("Fields set by one manager.",
            ("apiVersion", Text("")), ("fieldsType", Text("")), ("fieldsV1", new JsonObject { ["type"] = "object" }),
            ("manager", Text("")), ("operation", Text("")), ("subresource", Text("")), ("time", Time(""))),
        [Prefix + "ListMeta"] = Object("Metadata of a list.",
            ("continue", Text("Set when there is more; pass it to go on.")), ("remainingItemCount", Whole("How many items follow.")),
            ("resourceVersion", Text("The version of the list.")), ("selfLink", Text("Deprecated."))),
        [Prefix + "Patch"] = new JsonObject { ["type"] = "object", ["description"] = "The change to make." },
        [Prefix + "Status"] = Object("The result of a call that returns no object.",
            ("apiVersion", Text("")), ("code", Whole("")), ("kind", Text("")), ("message", Text("")), ("reason", Text("")), ("status", Text(""))),
    };

    public static JsonObject Text(string description) => Described("string", description);

    private static JsonObject Flag(string description) => Described("boolean", description);

    private static JsonObject Whole(string description)
    {
        var schema = Described("integer", description);
        schema["format"] = "int64";
        return schema;
    }

    private static JsonObject Time(string description)
    {
        var schema = Described("string", description);
        schema["format"] = "date-time";
        return schema;
    }

    private static JsonObject TextMap(string description)
    {
        var schema = Described("object", description);
        schema["additionalProperties"] = new JsonObject { ["type"] = "string", ["default"] = "" };
        return schema;
    }

    private static JsonObject List(string description, JsonObject items)
    {
        var schema = Described("array", description);
        schema["items"] = items;
        return schema;
    }

    private static JsonObject Reference(string name) => new()
    {
        ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = OpenApiPaths.Reference(Prefix + name) }),
    };

    private static JsonObject Object(string description, params (string Name, JsonObject Schema)[] properties)
    {
        var schema = Described("object", description);
        var map = new JsonObject();
        foreach (var (name, property) in properties)
            map[name] = property;
        schema["properties"] = map;
        return schema;
    }

    private static JsonObject Described(string type, string description)
    {
        var schema = new JsonObject();
        if (description.Length > 0)
            schema["description"] = description;
        schema["type"] = type;
        return schema;
    }
}
