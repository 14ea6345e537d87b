using System.Diagnostics.CodeAnalysis;
using GpuStack.Entities.Generation;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>The CRD, in both places where it is installed from.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class CrdFiles
{
    public const string ChartPath = "charts/gpustack-operator/files/crds/inference.gpustack.io_modeldeployments.yaml";

    public static IReadOnlyList<string> Write(GeneratedFolder folder)
    {
        var yaml = CustomResourceDefinitionGenerator.GenerateYaml();
        return [folder.Write(CustomResourceDefinitionGenerator.CommittedPath, yaml), folder.Write(ChartPath, yaml)];
    }
}
