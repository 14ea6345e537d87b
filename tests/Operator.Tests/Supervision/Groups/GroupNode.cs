using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Restarts;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>One pod of the model: its supervisor's memory, and what is wrong with it until which step.</summary>
internal sealed class GroupNode
{
    public DateTimeOffset Started { get; set; }

    public SupervisorState State { get; set; }

    public GroupEngine? Engine { get; set; }

    public DateTimeOffset? Served { get; set; }

    public RestartState Restarts { get; set; } = RestartState.Initial;

    /// <summary>Steps at which this supervisor started an engine.</summary>
    public List<int> Starts { get; } = [];

    public int WaitUntil { get; set; }

    public int? Since { get; set; }

    public FollowersRoll? Roll { get; set; }

    public CoordinatorWait? Wait { get; set; }

    /// <summary>Steps until the container is back; 0 while it is there.</summary>
    public int Down { get; set; }

    /// <summary>Nobody hears it before this step.</summary>
    public int Mute { get; set; }

    /// <summary>It hears nobody before this step.</summary>
    public int Deaf { get; set; }

    /// <summary>Others hear what it said a step ago before this step.</summary>
    public int Stale { get; set; }

    /// <summary>Its engine ends at once before this step.</summary>
    public int Broken { get; set; }

    public PeerAnswer Now { get; set; } = PeerAnswer.None("not asked yet");

    public PeerAnswer Before { get; set; } = PeerAnswer.None("not asked yet");
}
