namespace GpuStack.Entities.Schema;

/// <summary>The field must be given; it has no default.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;
