namespace GpuStack.Entities.Schema;

/// <summary>The names under which kubectl finds a custom resource.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceNamesAttribute(string singular, string shortName, params string[] categories) : Attribute
{
    /// <summary>Lower-case singular.</summary>
    public string Singular { get; } = singular;

    /// <summary>Short name.</summary>
    public string ShortName { get; } = shortName;

    /// <summary>Categories, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; } = categories;
}
