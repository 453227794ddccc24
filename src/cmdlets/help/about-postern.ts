// What Get-Help says when it is asked for nothing in particular, and the topics that are about more than one cmdlet.

export const ABOUT = `Postern sends your organization's mail out: to other domains by their MX records, or over outbound
connectors, as Exchange Online does it.

    Get-Command                                  lists the cmdlets you may use
    Get-Command *-OutboundConnector              those for outbound connectors
    Get-Help Set-OutboundConnector               what one of them is for
    Get-Help Set-OutboundConnector -Examples     how it is used
    Get-Help Set-OutboundConnector -Parameter TlsDomain
    Get-Help *queue*                             searches names and descriptions

First steps

    Get-OutboundConnector                        the connectors there are
    Test-OutboundRoute -Recipients ada@contoso.com
                                                 which way mail would take, and why; nothing is sent
    Get-Queue                                    what waits, for which next hop
    Get-MessageTraceV2 -RecipientAddress ada@contoso.com
                                                 what became of a message

Whatever changes something takes -WhatIf, which checks everything and changes nothing.`;
