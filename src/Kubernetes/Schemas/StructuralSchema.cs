using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Cel;
using GpuStack.Kubernetes.Schemas.Defaulting;
using GpuStack.Kubernetes.Schemas.Parsing;
using GpuStack.Kubernetes.Schemas.Pruning;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas;

/// <summary>
/// The structural schema of one custom resource version: defaults, pruning and validation as kube-apiserver does them.
/// Immutable and safe for concurrent use.
/// </summary>
public sealed class StructuralSchema
{
    private const string NotAllChecked =
        "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

    private readonly SchemaNode _root;

    private StructuralSchema(SchemaNode root) => _root = root;

    /// <summary>Parses and checks an <c>openAPIV3Schema</c>, its defaults and its CEL rules.</summary>
    /// <param name="openApiV3Schema">The value of <c>spec.versions[].schema.openAPIV3Schema</c>; it is not changed.</param>
    /// <exception cref="SchemaException">The schema is not structural, or uses what is not supported.</exception>
    public static StructuralSchema Parse(JsonObject openApiV3Schema) => new(SchemaParser.Parse(openApiV3Schema));

    /// <summary>Sets the defaults of missing fields in place, after removing nulls of fields that are not nullable.</summary>
    public void ApplyDefaults(JsonObject value) => SchemaDefaulter.Apply(_root, value);

    /// <summary>Removes unknown fields in place.</summary>
    public void Prune(JsonObject value) => UnknownFieldFinder.Remove(_root, value);

    /// <summary>The fields that <see cref="Prune"/> would remove, sorted by path.</summary>
    public IReadOnlyList<UnknownField> FindUnknownFields(JsonObject value) => UnknownFieldFinder.Find(_root, value);

    /// <summary>Validates an object (with its defaults), and its change from <paramref name="old"/> on an update.</summary>
    /// <returns>
    /// The findings in the API server's order; empty when the object is valid. Where a missing, mistyped, unsupported or
    /// oversized value stands in the way of the CEL rules, the last finding says that they were not run.
    /// </returns>
    public IReadOnlyList<FieldError> Validate(JsonObject value, JsonObject? old)
    {
        var errors = ValueValidator.Validate(_root, value, old);
        ListMaps.CheckUnique(_root, value, "", errors);
        if (!_root.HasCelRules)
            return errors;
        if (errors.Exists(Blocks))
            errors.Add(FieldErrors.Invalid(FieldErrors.NoPath, "null", NotAllChecked));
        else
            new CelRuleValidator(errors).Validate(_root, value, old, "");
        return errors;
    }

    private static bool Blocks(FieldError error) => error.Reason is FieldErrorReason.FieldValueNotSupported
        or FieldErrorReason.FieldValueRequired or FieldErrorReason.FieldValueTooLong or FieldErrorReason.FieldValueTooMany
        or FieldErrorReason.FieldValueTypeInvalid;
}
