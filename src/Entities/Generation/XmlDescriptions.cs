using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GpuStack.Entities.Generation;

/// <summary>
/// Descriptions of types and properties, read from the XML documentation file that the compiler puts next to the assembly.
/// </summary>
public sealed partial class XmlDescriptions
{
    private readonly Dictionary<string, string> _summaries;

    private XmlDescriptions(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Reads the documentation file of <paramref name="assembly"/>, which lies beside the program.</summary>
    /// <exception cref="FileNotFoundException">
    /// There is none: the project was built without GenerateDocumentationFile, or published without it.
    /// </exception>
    public static XmlDescriptions Of(Assembly assembly)
    {
        // Published as one file, assemblies have no place of their own.
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file}: the documentation file is missing; run the built program, not the published one.", file);
        using var stream = File.OpenRead(file);
        var members = XDocument.Load(stream).Root?.Element("members")?.Elements("member") ?? [];
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in members)
        {
            if (member.Attribute("name")?.Value is { } name && member.Element("summary") is { } summary)
                summaries[name] = PlainText(summary);
        }
        return new XmlDescriptions(summaries);
    }

    /// <summary>The summary of a type; null when it has none.</summary>
    public string? Of(Type type) => _summaries.GetValueOrDefault("T:" + type.FullName?.Replace('+', '.'));

    /// <summary>The summary of a property; null when it has none.</summary>
    public string? Of(PropertyInfo property) =>
        _summaries.GetValueOrDefault($"P:{property.DeclaringType?.FullName?.Replace('+', '.')}.{property.Name}");

    /// <summary>The summary of an enum's member; null when it has none.</summary>
    public string? Of(Type enumType, string member) => _summaries.GetValueOrDefault($"F:{enumType.FullName?.Replace('+', '.')}.{member}");

    private static string PlainText(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            if (node is XText words) text.Append(words.Value);
            else if (node is XElement { Name.LocalName: "see" or "seealso" } link)
                text.Append(link.Attribute("cref")?.Value.Split('.')[^1] ?? link.Attribute("langword")?.Value);
            else if (node is XElement nested) text.Append(PlainText(nested));
        }
        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
