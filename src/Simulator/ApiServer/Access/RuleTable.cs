namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>The rules that one subject has in one namespace or in the whole cluster, found by resource.</summary>
internal sealed class RuleTable
{
    private readonly Dictionary<(string Group, string Resource), List<BoundRule>> _byResource = [];
    private readonly List<BoundRule> _others = [];

    /// <summary>All of them.</summary>
    public List<BoundRule> All { get; } = [];

    public void Add(PolicyRule rule, string binding)
    {
        var bound = new BoundRule(rule, binding);
        All.Add(bound);
        if (rule.HasPatterns || rule.Paths.Length > 0)
        {
            _others.Add(bound);
            return;
        }

        foreach (var key in rule.Groups.SelectMany(group => rule.Resources.Select(resource => (group, resource))))
        {
            if (!_byResource.TryGetValue(key, out var rules))
                _byResource[key] = rules = [];
            rules.Add(bound);
        }
    }

    /// <summary>A rule that allows what is wanted; null when there is none.</summary>
    public BoundRule? Find(AccessAttributes wanted)
    {
        if (wanted.IsResource && _byResource.TryGetValue((wanted.Group, wanted.Combined), out var rules) && rules.Find(bound => bound.Rule.Allows(wanted)) is { } found)
            return found;
        return _others.Find(bound => bound.Rule.Allows(wanted));
    }
}
