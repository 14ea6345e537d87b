using System.Reflection;

namespace GpuStack.Operator.Commands.Completion;

/// <summary>The scripts of <c>Shells/</c>, which are embedded, for the name by which the program is called.</summary>
internal static class ShellScript
{
    /// <param name="shell">bash, zsh, fish, powershell or kubectl.</param>
    /// <param name="program">The name of the program's file.</param>
    public static string Of(string shell, string program)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"completion.{shell}")
            ?? throw new InvalidOperationException($"The script for {shell} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Replace("gpustack-operator", program, StringComparison.Ordinal)
            .Replace("gpustack_operator", program.Replace('-', '_'), StringComparison.Ordinal);
    }
}
