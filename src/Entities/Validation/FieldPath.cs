namespace GpuStack.Entities.Validation;

/// <summary>Paths of fields as users write them.</summary>
internal static class FieldPath
{
    /// <summary><c>Spec.Engine.args[0]</c> becomes <c>spec.engine.args[0]</c>.</summary>
    public static string Of(string propertyPath) =>
        string.Join('.', propertyPath.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
}
