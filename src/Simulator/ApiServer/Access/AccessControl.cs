using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>
/// Decides who may do what. Members of system:masters may do everything; others what roles allow, or nothing at all where roles are not
/// evaluated. Every decision knows of every change of roles and bindings that was answered before it.
/// </summary>
internal sealed class AccessControl : IDisposable
{
    private static readonly ResourceKey[] Sources =
        [BuiltInResources.ClusterRoles, BuiltInResources.ClusterRoleBindings, BuiltInResources.Roles, BuiltInResources.RoleBindings];

    private readonly ClusterStore _store;
    private readonly Lock _gate = new();
    private readonly StoreWatch[] _watches;
    private AccessIndex? _index;

    /// <param name="store">Has the roles.</param>
    /// <param name="evaluates">Whether they count.</param>
    public AccessControl(ClusterStore store, bool evaluates)
    {
        _store = store;
        Evaluates = evaluates;
        if (evaluates)
            DefaultRoles.AddTo(store);
        _watches = evaluates ? [.. Sources.Select(source => store.Watch(source))] : [];
    }

    /// <summary>Whether roles are evaluated.</summary>
    public bool Evaluates { get; }

    /// <summary>What was allowed and refused by roles.</summary>
    public AccessLog Log { get; } = new();

    /// <summary>Decides. Whether it is kept in the log is the caller's to say: a question whether one may is no use.</summary>
    public AccessDecision Decide(AccessUser user, AccessAttributes wanted)
    {
        if (user.IsMaster || (!Evaluates && user.Name == AccessUser.Administrator.Name))
            return AccessDecision.ByMembership;
        return Evaluates && Current().Find(user, wanted) is { } rule ? new AccessDecision(true, rule) : AccessDecision.No;
    }

    /// <summary>All that a user may do in a namespace, but for members of system:masters.</summary>
    public IEnumerable<PolicyRule> Rules(AccessUser user, string @namespace) => Evaluates ? Current().Rules(user, @namespace) : [];

    public void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
    }

    private AccessIndex Current()
    {
        lock (_gate)
        {
            var changed = false;
            foreach (var watch in _watches)
            {
                while (watch.Events.TryRead(out _))
                    changed = true;
            }

            if (changed || _index is null)
                _index = AccessIndex.Build(_store);
            return _index;
        }
    }
}
