namespace GpuStack.Entities.Schema;

/// <summary>A column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    /// <summary>Heading.</summary>
    public string Name { get; } = name;

    /// <summary>integer, number, string, boolean or date.</summary>
    public string Type { get; } = type;

    /// <summary>Where the value stands in the object.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>Shown with <c>-o wide</c> only.</summary>
    public bool Wide { get; init; }

    /// <summary>What <c>kubectl explain</c>-like tools show.</summary>
    public string? Description { get; init; }
}
