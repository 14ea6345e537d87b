namespace GpuStack.Kubernetes.Schemas;

/// <summary>One finding of a validation, worded as kube-apiserver words it in <c>details.causes[]</c>.</summary>
/// <param name="Path">The field, e.g. <c>spec.parts[0].name</c>; <c>&lt;nil&gt;</c> where there is none.</param>
/// <param name="Reason">The cause's reason.</param>
/// <param name="Message">The cause's message, e.g. <c>Unsupported value: "XL": supported values: "S", "M"</c>.</param>
public sealed record FieldError(string Path, FieldErrorReason Reason, string Message)
{
    /// <summary>The sentence in a Status message: <c>path: message</c>.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
