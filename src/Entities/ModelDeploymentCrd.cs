namespace GpuStack.Entities;

/// <summary>The generated CustomResourceDefinition that ships inside this assembly.</summary>
public static class ModelDeploymentCrd
{
    private static readonly Lazy<string> Text = new(Load);

    /// <summary>The definition as YAML, byte for byte <c>config/crd/inference.gpustack.io_modeldeployments.yaml</c>.</summary>
    public static string Yaml => Text.Value;

    private static string Load()
    {
        using var stream = typeof(ModelDeploymentCrd).Assembly.GetManifestResourceStream("ModelDeploymentCrd")
            ?? throw new InvalidOperationException("The ModelDeployment CRD is not embedded: see Entities.csproj.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
