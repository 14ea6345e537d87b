using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Syntax;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Json;
using GpuStack.Kubernetes.Schemas.Parsing;

namespace GpuStack.Kubernetes.Schemas.Cel;

/// <summary>Reads and compiles <c>x-kubernetes-validations</c> of one node.</summary>
internal static class CelRuleParser
{
    private const string Keyword = "x-kubernetes-validations";
    private static readonly string[] Known = ["rule", "message", "messageExpression", "reason", "fieldPath", "optionalOldSelf"];

    public static IReadOnlyList<CelRule> Parse(SchemaReader reader, SchemaNode node, bool isRoot, bool correlatable)
    {
        if (!reader.Has(Keyword))
            return [];
        var self = SchemaTypes.Of(node, isRoot)
            ?? throw reader.Wrong(Keyword, "Invalid value: rules cannot see a value of unknown type");
        return reader.Children(Keyword).Select(rule => Rule(rule, node, self, correlatable)).ToArray();
    }

    private static CelRule Rule(SchemaReader reader, SchemaNode node, CelType self, bool correlatable)
    {
        if (reader.Schema.FirstOrDefault(p => !Known.Contains(p.Key)).Key is { } unknown)
            throw reader.Wrong(unknown, "Forbidden: is not a field of a validation rule");
        if (reader.Flag("optionalOldSelf"))
            throw reader.Wrong("optionalOldSelf", "Forbidden: optional values are not supported");
        var expression = reader.Text("rule") is { } text && text.Trim().Length > 0 ? text
            : throw reader.Wrong("rule", "Required value: rule is not specified");
        var message = Message(reader, expression);
        var program = Compile(reader, "rule", expression, self, CelType.Bool);
        if (program.UsesOldSelf && !correlatable)
            throw reader.Wrong("rule", "Invalid value: oldSelf cannot be used on the uncorrelatable portion of the schema");
        var messageProgram = reader.Text("messageExpression") is { } messageText
            ? Compile(reader, "messageExpression", messageText, self, CelType.String) : null;
        return new CelRule(expression, program, message, messageProgram, Reason(reader), FieldPath(reader, node));
    }

    private static CelProgram Compile(SchemaReader reader, string key, string text, CelType self, CelType expected)
    {
        try
        {
            return CelCompiler.Compile(text, self, hasOldSelf: true, expected);
        }
        catch (CelSyntaxException e)
        {
            throw reader.Wrong(key, $"Invalid value: compilation failed: ERROR: {e.Message}; the rule is: {text.Trim()}");
        }
    }

    private static string? Message(SchemaReader reader, string rule)
    {
        var message = reader.Text("message");
        if (message is null)
        {
            return rule.Trim().Contains('\n', StringComparison.Ordinal) && !reader.Has("messageExpression")
                ? throw reader.Wrong("message", "Required value: message must be specified if rule contains line breaks")
                : null;
        }
        if (message.Trim().Length == 0)
            throw reader.Wrong("message", "Invalid value: \"\": message must be non-empty if specified");
        return message.Trim().Contains('\n', StringComparison.Ordinal)
            ? throw reader.Wrong("message", "Invalid value: message must not contain line breaks") : message.Trim();
    }

    private static FieldErrorReason Reason(SchemaReader reader) => reader.Text("reason") switch
    {
        null or "FieldValueInvalid" => FieldErrorReason.FieldValueInvalid,
        "FieldValueForbidden" => FieldErrorReason.FieldValueForbidden,
        "FieldValueRequired" => FieldErrorReason.FieldValueRequired,
        "FieldValueDuplicate" => FieldErrorReason.FieldValueDuplicate,
        var other => throw reader.Wrong("reason", $"Unsupported value: {GoText.Quote(other)}: supported values: "
            + "\"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\""),
    };

    /// <summary>Only plain steps (<c>.spec.size</c>), each declared by the schema.</summary>
    private static string FieldPath(SchemaReader reader, SchemaNode node)
    {
        var path = reader.Text("fieldPath");
        if (string.IsNullOrEmpty(path))
            return "";
        if (path[0] != '.' || path.Contains('[', StringComparison.Ordinal))
            throw reader.Wrong("fieldPath", $"Invalid value: {GoText.Quote(path)}: fieldPath must start with a dot and name fields only");
        var current = node;
        foreach (var step in path[1..].Split('.'))
        {
            current = current.Child(step)
                ?? throw reader.Wrong("fieldPath", $"Invalid value: {GoText.Quote(path)}: does not refer to a valid field");
        }
        return path;
    }
}
