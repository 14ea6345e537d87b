namespace GpuStack.Entities.Schema;

/// <summary>RE2 expression that a string (or each item, each map value) must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string expression) : Attribute
{
    /// <summary>The expression, anchored by its author.</summary>
    public string Expression { get; } = expression;
}
