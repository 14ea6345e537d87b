using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c> that say which namespaces are served.</summary>
internal sealed partial class ScopeOptions
{
    private readonly Option<string[]> _namespaces = new("--namespace", "-n")
    {
        Description = "Serve this namespace only; repeatable. What is in namespaces is then asked for in each of them, never of the whole cluster. By default all are served.",
    };

    private readonly Option<FleetPods?> _fleetPods = new("--fleet-pods")
    {
        Description = "Whose pods count as takers of GPUs: those of the whole Cluster, or those of the served Namespaces, so that no right in others is needed. By default Namespaces with --namespace, else Cluster.",
    };

    public void AddTo(Command command)
    {
        command.Add(_namespaces);
        command.Add(_fleetPods);
    }

    /// <exception cref="InputException">An option is wrong.</exception>
    public OperatorSettings Apply(ParseResult result, OperatorSettings settings)
    {
        var namespaces = (result.GetValue(_namespaces) ?? []).Distinct(StringComparer.Ordinal).Select(Checked).ToImmutableArray();
        var fleetPods = result.GetValue(_fleetPods);
        if (namespaces.IsEmpty && fleetPods == FleetPods.Namespaces)
            throw new InputException($"{_fleetPods.Name} {fleetPods} is given without {_namespaces.Name}; name the namespaces, or leave it out.");
        return settings with
        {
            Namespaces = namespaces,
            FleetPods = fleetPods ?? (namespaces.IsEmpty ? FleetPods.Cluster : FleetPods.Namespaces),
        };
    }

    private string Checked(string name) => Name().IsMatch(name)
        ? name
        : throw new InputException($"{_namespaces.Name}: '{name}' is no name of a namespace; give one like team-a, and the option once for each.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
