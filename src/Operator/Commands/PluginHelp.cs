using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GpuStack.Operator.Commands;

/// <summary>The usage of the kubectl plugin names it as it is typed.</summary>
/// <param name="help">What writes the usage.</param>
internal sealed class PluginHelp(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var usage = new StringWriter();
        configuration.Output = usage;
        try
        {
            return help.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
            output.Write(usage.ToString().Replace(ProgramName.Plugin, ProgramName.Typed(ProgramName.Plugin), StringComparison.Ordinal));
        }
    }
}
