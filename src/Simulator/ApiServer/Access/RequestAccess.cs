using GpuStack.Simulator.ApiServer.Statuses;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>What the sender of one request may do.</summary>
internal sealed class RequestAccess(AccessControl control, AccessUser user, AccessAttributes wanted)
{
    /// <summary>Who sent it.</summary>
    public AccessUser User => user;

    /// <summary>The verb that the request itself is.</summary>
    public AccessAttributes Wanted => wanted;

    /// <exception cref="ApiException">403: not allowed.</exception>
    public void Require() => Require(wanted);

    /// <summary>Another verb that the request comes to: an apply that creates.</summary>
    /// <exception cref="ApiException">403: not allowed.</exception>
    public void Require(string verb) => Require(wanted with { Verb = verb });

    /// <summary>Whether something else is allowed that the request touches.</summary>
    public bool May(AccessAttributes other) => Check(other);

    /// <summary>What refuses something: it is kept in the log.</summary>
    public ApiException Refusal(AccessAttributes asked, string why)
    {
        var refusal = ApiException.Forbidden(asked.Key, asked.Name, why);
        control.Log.Add(new AccessRefusal(user.Name, refusal.Message));
        return refusal;
    }

    private void Require(AccessAttributes asked)
    {
        if (!Check(asked))
            throw Refusal(asked, asked.Refusal(user));
    }

    private bool Check(AccessAttributes asked)
    {
        var decision = control.Decide(user, asked);
        if (decision.Rule is { Rule: var rule })
            control.Log.Add(new AccessGrant(rule.Role, rule.Index, asked.Verb, asked.Group, asked.IsResource ? asked.Combined : asked.Path, IsReview: false));
        return decision.IsAllowed;
    }
}
