using System.Diagnostics.CodeAnalysis;
using GpuStack.Entities.Generation;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>Guides that are made from the types.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class ReferenceFiles
{
    public static IReadOnlyList<string> Write(GeneratedFolder folder) =>
    [
        folder.Write(ApiReference.CommittedPath, ApiReference.GenerateMarkdown()),
        folder.Write(ConditionsReference.CommittedPath, ConditionsReference.GenerateMarkdown()),
        folder.Write(MetricsReference.CommittedPath, MetricsReference.GenerateMarkdown()),
    ];
}
