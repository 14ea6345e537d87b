namespace GpuStack.Entities.Schema;

/// <summary>A CEL rule on the value of the field or type. It must hold for the schema's own default, before nested defaults.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The expression over <c>self</c> (and <c>oldSelf</c>: then it is judged on updates only).</summary>
    public string Rule { get; } = rule;

    /// <summary>What is wrong and what to do.</summary>
    public string Message { get; } = message;

    /// <summary>Path of the field that the error names, relative to self, such as <c>.leader.nodeName</c>.</summary>
    public string? FieldPath { get; init; }

    /// <summary>The API's reason, such as <c>FieldValueForbidden</c>; FieldValueInvalid when absent.</summary>
    public string? Reason { get; init; }
}
