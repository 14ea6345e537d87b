using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Validation;

/// <summary>
/// Checks values against schema nodes in the order and the words of kube-openapi's validators: type, junctors, string,
/// format, number, list, enumeration, object (its properties before its missing required ones).
/// A part that equals its correlated old part is not checked again (validation ratcheting, on since 1.30).
/// </summary>
internal static class ValueValidator
{
    public static List<FieldError> Validate(SchemaNode schema, JsonNode? value, JsonNode? old, string path = "")
    {
        var errors = new List<FieldError>();
        Check(schema, value, old, path, errors);
        return errors;
    }

    private static void Check(SchemaNode schema, JsonNode? value, JsonNode? old, string path, List<FieldError> errors)
    {
        if (old is not null && JsonNode.DeepEquals(value, old))
            return;
        if (JsonScalar.IsNull(value))
        {
            if (!schema.Nullable && schema.Type != SchemaType.Any)
                errors.Add(WrongType(path, TypeName(schema.Type), "null"));
            return;
        }
        CheckType(schema, value!, path, errors);
        CheckJunctors(schema.Rules, value, path, errors);
        switch (value)
        {
            case JsonObject map:
                CheckEnum(schema.Rules, value, path, errors);
                CheckObject(schema, map, old as JsonObject, path, errors);
                break;
            case JsonArray list:
                CheckList(schema, list, old as JsonArray, path, errors);
                CheckEnum(schema.Rules, value, path, errors);
                break;
            default:
                if (JsonScalar.TryGetString(value, out var text))
                    CheckString(schema, text, path, errors);
                else if (JsonScalar.KindOf(value) == JsonValueKind.Number)
                    CheckNumber(schema.Rules, value!, path, errors);
                CheckEnum(schema.Rules, value, path, errors);
                break;
        }
    }

    private static void CheckType(SchemaNode schema, JsonNode value, string path, List<FieldError> errors)
    {
        var actual = JsonScalar.KindOf(value) switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => IsWhole(value) ? "integer" : "number",
            _ => "boolean",
        };
        var fits = schema.Type switch
        {
            SchemaType.Any => true,
            SchemaType.Object => actual == "object",
            SchemaType.Array => actual == "array",
            SchemaType.String => actual == "string",
            SchemaType.Integer => actual == "integer",
            SchemaType.Number => actual is "number" or "integer",
            SchemaType.Boolean => actual == "boolean",
            _ => actual is "integer" or "string",
        };
        if (!fits)
            errors.Add(WrongType(path, TypeName(schema.Type), actual));
    }

    private static bool IsWhole(JsonNode value) => JsonScalar.TryGetInteger(value, out _)
        || (JsonScalar.TryGetDouble(value, out var number) && Math.Abs(number) < 9007199254740992 && number == Math.Truncate(number));

    private static void CheckString(SchemaNode schema, string text, string path, List<FieldError> errors)
    {
        var rules = schema.Rules;
        if (rules.MaxLength is { } max && RuneCount(text) > max)
            errors.Add(FieldErrors.TooLong(path, max));
        if (rules.MinLength is { } min && RuneCount(text) < min)
            errors.Add(Broken(path, GoText.Quote(text), $"should be at least {min} chars long"));
        if (rules.Pattern is { } pattern && !Matches(pattern, text))
            errors.Add(Broken(path, GoText.Quote(text), $"should match '{pattern.Text}'"));
        if (schema.Format is { } format && schema.Type == SchemaType.String && !StringFormats.Accepts(format, text))
        {
            errors.Add(FieldErrors.TypeInvalid(path, GoText.Quote(text),
                $"{path} in body must be of type {format}: {GoText.Quote(text)}"));
        }
    }

    private static bool Matches(Patterns.GoPattern pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static void CheckNumber(ValueRules rules, JsonNode value, string path, List<FieldError> errors)
    {
        if (!JsonScalar.TryGetDouble(value, out var number))
            return;
        var shown = JsonScalar.NumberText(value);
        if (rules.MultipleOf is { } step && Math.IEEERemainder(number, step) != 0)
            errors.Add(Broken(path, shown, $"should be a multiple of {Plain(step)}"));
        if (rules.Maximum is { } max && (rules.ExclusiveMaximum ? number >= max : number > max))
            errors.Add(Broken(path, shown, $"should be less than {(rules.ExclusiveMaximum ? "" : "or equal to ")}{Plain(max)}"));
        if (rules.Minimum is { } min && (rules.ExclusiveMinimum ? number <= min : number < min))
            errors.Add(Broken(path, shown, $"should be greater than {(rules.ExclusiveMinimum ? "" : "or equal to ")}{Plain(min)}"));
    }

    private static void CheckList(SchemaNode schema, JsonArray list, JsonArray? old, string path, List<FieldError> errors)
    {
        var oldItems = ListMaps.Index(schema, old);
        for (var i = 0; schema.Items is { } items && i < list.Count; i++)
            Check(items, list[i], ListMaps.Correlated(schema, oldItems, list[i]), $"{path}[{i}]", errors);
        if (schema.Rules.MinItems is { } min && list.Count < min)
            errors.Add(Broken(path, list.Count.ToString(), $"should have at least {min} items"));
        if (schema.Rules.MaxItems is { } max && list.Count > max)
            errors.Add(FieldErrors.TooMany(path, list.Count, max));
    }

    private static void CheckEnum(ValueRules rules, JsonNode? value, string path, List<FieldError> errors)
    {
        if (rules.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            errors.Add(FieldErrors.NotSupported(path, value, allowed));
    }

    private static void CheckObject(SchemaNode schema, JsonObject map, JsonObject? old, string path, List<FieldError> errors)
    {
        var rules = schema.Rules;
        if (rules.MinProperties is { } min && map.Count < min)
        {
            errors.Add(Broken(path, map.Count.ToString(), $"should have at least {min} properties"));
            return;
        }
        if (rules.MaxProperties is { } max && map.Count > max)
        {
            errors.Add(FieldErrors.TooMany(path, map.Count, max));
            return;
        }
        if (schema.AdditionalProperties is { } additional)
        {
            foreach (var (key, value) in map)
                Check(additional, value, old?[key], Join(path, key), errors);
        }
        foreach (var (name, property) in schema.Properties)
        {
            if (map.TryGetPropertyValue(name, out var value))
                Check(property, value, old?[name], Join(path, name), errors);
        }
        foreach (var name in rules.Required)
        {
            if (!map.ContainsKey(name))
                errors.Add(FieldErrors.Required(Join(path, name)));
        }
    }

    private static void CheckJunctors(ValueRules rules, JsonNode? value, string path, List<FieldError> errors)
    {
        if (rules.AnyOf.Count > 0 && !rules.AnyOf.Any(Holds))
            errors.Add(FieldErrors.Invalid(path, "\"\"", $"{GoText.Quote(path)} must validate at least one schema (anyOf)"));
        if (rules.OneOf.Count > 0 && rules.OneOf.Count(Holds) is var held and not 1)
        {
            errors.Add(FieldErrors.Invalid(path, "\"\"", $"{GoText.Quote(path)} must validate one and only one schema (oneOf). "
                + (held == 0 ? "Found none valid" : $"Found {held} valid alternatives")));
        }
        if (rules.AllOf.Count > 0 && !rules.AllOf.All(Holds))
        {
            errors.Add(FieldErrors.Invalid(path, "\"\"", $"{GoText.Quote(path)} must validate all the schemas (allOf)"));
            foreach (var inner in rules.AllOf)
                Check(inner, value, null, path, errors);
        }
        if (rules.Not is { } not && Holds(not))
            errors.Add(FieldErrors.Invalid(path, "\"\"", $"{GoText.Quote(path)} must not validate the schema (not)"));

        bool Holds(SchemaNode inner) => Validate(inner, value, null, path).Count == 0;
    }

    private static FieldError WrongType(string path, string expected, string actual) =>
        FieldErrors.TypeInvalid(path, GoText.Quote(actual), $"{path} in body must be of type {expected}: {GoText.Quote(actual)}");

    private static FieldError Broken(string path, string shown, string rule) => FieldErrors.Invalid(path, shown, $"{path} in body {rule}");

    private static string TypeName(SchemaType type) =>
        type == SchemaType.IntOrString ? "integer,string" : type.ToString().ToLowerInvariant();

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Plain(double number) =>
        number == Math.Truncate(number) && Math.Abs(number) < 1e15 ? ((long)number).ToString() : number.ToString("R");

    private static long RuneCount(string text)
    {
        long count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
