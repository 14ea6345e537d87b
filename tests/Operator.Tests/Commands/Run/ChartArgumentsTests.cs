using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Commands.Run;

namespace GpuStack.Operator.Tests.Commands.Run;

/// <summary>What the chart's renderings and the kustomize folder tell the operator, it understands.</summary>
public class ChartArgumentsTests
{
    public static TheoryData<string> Renderings =>
    [
        "config/manager/manager.yaml",
        .. Directory.GetFiles(Path.Combine(Inputs.Root, "tests", "Charts.Tests", "cases", "renderings"), "expected.yaml", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Inputs.Root, path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Arguments_of_the_deployment_are_options_of_run(string file)
    {
        var text = File.ReadAllText(Path.Combine(Inputs.Root, file));
        var deployment = YamlReader.ReadDocuments(text, file, YamlLimits.Manifest).Single(one => (string?)one["kind"] == "Deployment");
        var arguments = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray().Select(argument => argument!.GetValue<string>()).ToList();
        Assert.Equal("run", arguments[0]);

        Assert.Empty(RunCommand.Create().Parse([.. arguments.Skip(1)]).Errors.Select(error => error.Message));
    }
}
