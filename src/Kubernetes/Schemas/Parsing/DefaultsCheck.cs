using GpuStack.Kubernetes.Schemas.Defaulting;
using GpuStack.Kubernetes.Schemas.Pruning;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>A default must itself be known to the schema and valid, as the API server demands when a CRD is created.</summary>
internal static class DefaultsCheck
{
    public static void Check(SchemaNode node, string path)
    {
        if (node.Default is not null)
        {
            var value = node.Default.DeepClone();
            SchemaDefaulter.Apply(node, value);
            if (UnknownFieldFinder.Find(node, value) is [var unknown, ..])
                throw new SchemaException($"{path}.default", $"Invalid value: {unknown.Message}");
            if (ValueValidator.Validate(node, value, old: null) is [var first, ..])
                throw new SchemaException($"{path}.default", $"Invalid value: {first}");
        }
        foreach (var (name, property) in node.Properties)
            Check(property, $"{path}.properties[{name}]");
        if (node.Items is not null)
            Check(node.Items, $"{path}.items");
        if (node.AdditionalProperties is not null)
            Check(node.AdditionalProperties, $"{path}.additionalProperties");
    }
}
