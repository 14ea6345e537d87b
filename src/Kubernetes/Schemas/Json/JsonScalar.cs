using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.Json;

/// <summary>
/// Reads JSON scalars whatever backs them: parsed text or a CLR value put there by code.
/// A number without fraction and exponent that fits 64 bits is an integer, as in the API server's decoder.
/// </summary>
internal static class JsonScalar
{
    public static JsonValueKind KindOf(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    public static bool IsNull(JsonNode? node) => KindOf(node) == JsonValueKind.Null;

    public static bool TryGetString(JsonNode? node, out string text)
    {
        text = "";
        if (KindOf(node) != JsonValueKind.String)
            return false;
        text = node!.GetValue<string>();
        return true;
    }

    public static bool TryGetInteger(JsonNode? node, out long number)
    {
        number = 0;
        return KindOf(node) == JsonValueKind.Number
            && long.TryParse(NumberText(node!), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    public static bool TryGetDouble(JsonNode? node, out double number)
    {
        number = 0;
        return KindOf(node) == JsonValueKind.Number
            && double.TryParse(NumberText(node!), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    public static string NumberText(JsonNode node)
    {
        var value = node.AsValue();
        if (value.TryGetValue<JsonElement>(out var element))
            return element.GetRawText();
        if (value.TryGetValue<long>(out var whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        return value.TryGetValue<int>(out var small) ? small.ToString(CultureInfo.InvariantCulture) : node.ToJsonString();
    }
}
