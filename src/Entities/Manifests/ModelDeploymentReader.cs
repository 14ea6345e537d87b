using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Entities.Manifests;

/// <summary>
/// Reads a ModelDeployment as the API server would: YAML to JSON, unknown fields refused, defaults set, schema and CEL rules judged,
/// then the validators. So what <c>plan -f</c> accepts, <c>kubectl apply</c> accepts, and the other way round.
/// </summary>
public static class ModelDeploymentReader
{
    /// <summary>The API version that the file must carry.</summary>
    public const string ApiVersion = "inference.gpustack.io/v1alpha1";

    /// <summary>The kind that the file must carry.</summary>
    public const string Kind = "ModelDeployment";

    /// <summary>Reads the one ModelDeployment of a file.</summary>
    /// <param name="yamlText">The text, YAML or JSON, of at most 1 MiB.</param>
    /// <param name="fileName">Its name as the user gave it, for messages.</param>
    /// <exception cref="ManifestException">One sentence with file, line, field and remedy.</exception>
    public static ModelDeployment Read(string yamlText, string fileName)
    {
        var documents = YamlJson.Read(yamlText, fileName, YamlLimits.Manifest);
        if (documents.Count != 1) throw new ManifestException($"the file holds {documents.Count} documents; give one {Kind}", fileName);
        ManifestException Refuse(string field, string what) => new(what, fileName, YamlLines.Find(yamlText, field), field);
        return Read(documents[0], Refuse);
    }

    /// <summary>Whether the document says that it is a ModelDeployment.</summary>
    public static bool IsModelDeployment(JsonNode document) => document is JsonObject value && Text(value, "kind") == Kind;

    /// <summary>Reads a document that is already JSON; it is changed, defaults are set in it.</summary>
    /// <exception cref="ManifestException">One sentence with field and remedy.</exception>
    public static ModelDeployment Read(JsonNode document, Func<string, string, ManifestException> refuse)
    {
        if (document is not JsonObject value) throw refuse("", $"expected a {Kind}, found {ManifestFields.Describe(document)}");
        Expect(value, "apiVersion", ApiVersion, refuse);
        Expect(value, "kind", Kind, refuse);
        if (!value.TryGetPropertyValue("metadata", out var metadata) || metadata is not JsonObject named || string.IsNullOrEmpty(Text(named, "name")))
            throw refuse("metadata.name", "is required; give the deployment a name");

        var schema = ModelDeploymentCrd.Schema;
        if (schema.FindUnknownFields(value) is [var unknown, ..])
            throw refuse(unknown.Path, "is no field of a ModelDeployment; check its spelling and indentation");
        var hasStatus = value.ContainsKey("status");
        schema.ApplyDefaults(value);
        // That default is the server's word on an object that nobody has looked at; nobody looks at a file.
        if (!hasStatus) value.Remove("status");
        if (schema.Validate(value, old: null) is [var error, ..]) throw refuse(SchemaFinding.FieldOf(error), SchemaFinding.Describe(error));

        var deployment = Typed(value, refuse);
        if (ModelDeploymentValidator.Check(deployment) is [var problem, ..]) throw refuse(problem.Path, problem.Message);
        return deployment;
    }

    private static void Expect(JsonObject value, string field, string expected, Func<string, string, ManifestException> refuse)
    {
        var found = Text(value, field);
        if (found != expected) throw refuse(field, $"expected {expected}, found {(found is null ? "nothing" : $"'{found}'")}");
    }

    private static ModelDeployment Typed(JsonObject value, Func<string, string, ManifestException> refuse)
    {
        try
        {
            return value.Deserialize(EntitiesJsonContext.Default.ModelDeployment)!;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            var field = (exception as JsonException)?.Path?.TrimStart('$', '.') ?? "";
            throw refuse(field, "the value has the wrong type; see kubectl explain modeldeployment");
        }
    }

    private static string? Text(JsonObject value, string name) =>
        value.TryGetPropertyValue(name, out var node) && node is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;
}
