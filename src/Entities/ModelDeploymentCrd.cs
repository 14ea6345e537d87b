using System.Text.Json.Nodes;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Kubernetes.Schemas;

namespace GpuStack.Entities;

/// <summary>The generated CustomResourceDefinition that ships inside this assembly.</summary>
public static class ModelDeploymentCrd
{
    private static readonly Lazy<string> Text = new(Load);

    private static readonly Lazy<StructuralSchema> ParsedSchema = new(() =>
        StructuralSchema.Parse(Json["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject()));

    /// <summary>The definition as YAML, byte for byte <c>config/crd/inference.gpustack.io_modeldeployments.yaml</c>.</summary>
    public static string Yaml => Text.Value;

    /// <summary>The definition as JSON; each call makes a new object.</summary>
    public static JsonObject Json => YamlJson.Read(Yaml, "ModelDeploymentCrd", YamlLimits.Manifest)[0].AsObject();

    /// <summary>The schema of v1alpha1: defaults, unknown fields, validation with CEL.</summary>
    public static StructuralSchema Schema => ParsedSchema.Value;

    private static string Load()
    {
        using var stream = typeof(ModelDeploymentCrd).Assembly.GetManifestResourceStream("ModelDeploymentCrd")
            ?? throw new InvalidOperationException("The ModelDeployment CRD is not embedded: see Entities.csproj.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
