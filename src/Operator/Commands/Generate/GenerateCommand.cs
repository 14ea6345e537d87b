using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace GpuStack.Operator.Commands.Generate;

/// <summary><c>generate crd|rbac|reference --out DIR</c>: writes the files that are made from the code.</summary>
internal static class GenerateCommand
{
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A trimmed program refuses before it runs any of them.")]
    public static Command Create() => new("generate", "Writes the files that are made from the code: run it from the repository's root.")
    {
        Target("crd", "The CustomResourceDefinition of ModelDeployment, for config/crd and the Helm chart.", CrdFiles.Write),
        Target("rbac", "The operator's roles, for config/rbac and the Helm chart.", RbacFiles.Write),
        Target("reference", "The API reference and the table of conditions, for docs/guides.", ReferenceFiles.Write),
    };

    private static Command Target(string name, string description, Func<GeneratedFolder, IReadOnlyList<string>> write)
    {
        var output = new Option<DirectoryInfo>("--out") { Description = "The repository's root, or any folder.", Required = true };
        var command = new Command(name, description) { output };
        command.SetAction(result =>
        {
            if (!JsonSerializer.IsReflectionEnabledByDefault)
            {
                result.InvocationConfiguration.Error.WriteLine($"generate {name}: this program is trimmed and lacks what the files are made from; run it from the sources: dotnet run --project src/Operator -- generate {name} --out .");
                return ExitCodes.WrongInput;
            }
            var folder = new GeneratedFolder(result.GetRequiredValue(output).FullName);
            foreach (var file in write(folder)) result.InvocationConfiguration.Output.WriteLine(file);
            return ExitCodes.Success;
        });
        return command;
    }
}
