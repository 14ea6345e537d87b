using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.RealEngines.Groups;
using YamlDotNet.RepresentationModel;

namespace GpuStack.RealEngines.Tests.Commands;

/// <summary>The engine containers in the golden objects of the operator's tests.</summary>
internal static class GoldenCommands
{
    private static readonly string Folder = Repository.PathOf("tests", "Operator.Tests", "cases", "llama-cpp");

    public static IEnumerable<string> Cases => Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public static IReadOnlyList<PodCommand> Of(string name)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Folder, name, "objects.yaml"));
        yaml.Load(reader);
        return
        [
            .. yaml.Documents.Select(document => (YamlMappingNode)document.RootNode)
                .Where(document => document["kind"].ToString() == "StatefulSet")
                .SelectMany(document => (YamlSequenceNode)document["spec"]["template"]["spec"]["containers"])
                .Where(container => container["name"].ToString() == EngineContainer.Name)
                .Select(container => PodCommand.Of(new V1Container { Command = Words(container, "command"), Args = Words(container, "args") })),
        ];
    }

    private static List<string> Words(YamlNode container, string key) =>
        ((YamlMappingNode)container).Children.TryGetValue(key, out var words) ? [.. ((YamlSequenceNode)words).Select(word => word.ToString())] : [];
}
