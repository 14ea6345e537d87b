using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Cel.Values;
using GpuStack.Kubernetes.Schemas.Json;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas.Cel;

/// <summary>
/// Runs the CEL rules of a schema over an object, outside in. Rules that name oldSelf run on updates of a correlated
/// value only; a rule over an unchanged value is not run again. All rules of an object share one cost budget.
/// </summary>
internal sealed class CelRuleValidator(List<FieldError> errors)
{
    /// <summary>Kubernetes' limit for all rules of one object.</summary>
    private const long ObjectBudget = 10_000_000;
    private const string OutOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";

    private long _budget = ObjectBudget;

    public void Validate(SchemaNode schema, JsonNode? value, JsonNode? old, string path)
    {
        if (!schema.HasCelRules || JsonScalar.IsNull(value) || _budget <= 0)
            return;
        foreach (var rule in schema.CelRules)
            Run(rule, schema, value!, old, path);
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, property) in schema.Properties)
                    Validate(property, map[name], (old as JsonObject)?[name], Join(path, name));
                if (schema.AdditionalProperties is { HasCelRules: true } additional)
                {
                    foreach (var (key, child) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
                        Validate(additional, child, (old as JsonObject)?[key], $"{path}[{key}]");
                }
                break;
            case JsonArray list when schema.Items is { HasCelRules: true } items:
                var oldItems = ListMaps.Index(schema, old as JsonArray);
                for (var i = 0; i < list.Count; i++)
                    Validate(items, list[i], ListMaps.Correlated(schema, oldItems, list[i]), $"{path}[{i}]");
                break;
        }
    }

    private void Run(CelRule rule, SchemaNode schema, JsonNode value, JsonNode? old, string path)
    {
        if (_budget <= 0 || (rule.Program.UsesOldSelf ? old is null : old is not null && JsonNode.DeepEquals(value, old)))
            return;
        var self = CelJson.Value(value, schema);
        var oldSelf = old is null ? null : CelJson.Value(old, schema);
        var result = rule.Program.Run(self, oldSelf, ref _budget);
        if (result is true)
            return;
        if (_budget <= 0)
        {
            errors.Add(Invalid(path, schema, value, OutOfBudget));
            return;
        }
        errors.Add(result is CelError error
            ? Invalid(path, schema, value, $"{error.Message} evaluating rule: {rule.Message ?? rule.Expression.Trim()}")
            : Broken(rule, schema, value, path + rule.FieldPath, Message(rule, self, oldSelf)));
    }

    private string Message(CelRule rule, object? self, object? oldSelf) =>
        rule.MessageProgram?.Run(self, oldSelf, ref _budget) is string text && text.Trim() is { Length: > 0 } message
            && !message.Contains('\n', StringComparison.Ordinal) ? message : rule.DefaultMessage;

    private static FieldError Broken(CelRule rule, SchemaNode schema, JsonNode value, string path, string message)
    {
        var place = path.TrimStart('.');
        return rule.Reason switch
        {
            FieldErrorReason.FieldValueRequired => FieldErrors.Required(place, message),
            FieldErrorReason.FieldValueForbidden => FieldErrors.Forbidden(place, message),
            FieldErrorReason.FieldValueDuplicate => FieldErrors.Duplicate(place, value),
            _ => Invalid(place, schema, value, message),
        };
    }

    private static FieldError Invalid(string path, SchemaNode schema, JsonNode value, string message) =>
        schema.Type is SchemaType.Object or SchemaType.Array
            ? FieldErrors.InvalidWithoutValue(path, message)
            : FieldErrors.Invalid(path, GoText.Value(value), message);

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
