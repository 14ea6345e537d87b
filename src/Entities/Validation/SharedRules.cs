using System.Globalization;
using FluentValidation;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>Rules that several fields share.</summary>
internal static class SharedRules
{
    /// <summary>Keys of annotations must be qualified names.</summary>
    public static void CheckAnnotations<T>(ValidationContext<T> context, string field, IReadOnlyDictionary<string, string>? annotations)
    {
        foreach (var key in (annotations ?? new Dictionary<string, string>()).Keys.Where(key => !KubernetesNames.IsQualifiedName(key)))
            context.AddFailure(field, $"'{key}' is no key of an annotation; {KubernetesNames.QualifiedNameRemedy}");
    }

    /// <summary>Labels must have qualified names and label values.</summary>
    public static void CheckLabels<T>(ValidationContext<T> context, string field, IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
        {
            if (!KubernetesNames.IsQualifiedName(key))
                context.AddFailure(field, $"'{key}' is no key of a label; {KubernetesNames.QualifiedNameRemedy}");
            else if (!KubernetesNames.IsLabelValue(value))
                context.AddFailure(field, $"'{value}' is no value of the label {key}; {KubernetesNames.LabelValueRemedy}");
        }
    }

    /// <summary>A variable has a value or a source of it, and that source is one.</summary>
    public static void CheckEnvironment<T>(ValidationContext<T> context, string field, IReadOnlyList<V1EnvVar>? variables)
    {
        for (var i = 0; i < (variables?.Count ?? 0); i++)
        {
            if (variables![i] is { Value: not null, ValueFrom: not null })
                context.AddFailure(string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"), $"{variables[i].Name} has both value and valueFrom; keep one of them");
        }
    }

    /// <summary>An http or https URL without credentials.</summary>
    public static void CheckUrl<T>(ValidationContext<T> context, string field, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            context.AddFailure(field, "expected a complete URL such as https://example.com/model.gguf");
        else if (uri.UserInfo.Length > 0)
            context.AddFailure(field, "a URL must not hold credentials, everybody who may read the object sees them; put the token into a Secret and name it in model.secretRef");
        else if (uri.Fragment.Length > 0)
            context.AddFailure(field, "a URL of a file has no fragment; remove what follows '#'");
    }
}
